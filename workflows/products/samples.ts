/** The client of every example: a dental clinic in Austin. Product files share it, so that examples fit each other. */
export const ann = { name: 'Ann Baker', email: 'ann@example.com' };

export const riverside = {
  name: 'Riverside Dental',
  address: ['12 River Street'],
  locality: 'Austin',
  region: 'TX',
  postal_code: '78701',
  country: 'US',
  phone: '+15125550132',
};

export const austin = { include: [{ kind: 'city' as const, country: 'US', name: 'Austin' }] };

export const budget = { amount: 304_000, currency: 'USD' };

const nineToFive = [{ from: '09:00', to: '17:00' }];

export const openingHours = {
  monday: nineToFive,
  tuesday: nineToFive,
  wednesday: nineToFive,
  thursday: nineToFive,
  friday: nineToFive,
  saturday: 'closed' as const,
  sunday: 'closed' as const,
};
