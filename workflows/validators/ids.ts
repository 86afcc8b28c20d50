/**
 * Ids that other platforms give out. They are strings, never numbers: some lie beyond what a number can hold. Each
 * says in its message what a good one looks like and where people take the wrong one from.
 */
import { z } from 'zod';

/** Shown as 123-456-7890, stored as ten digits. */
export const googleAdsCustomerId = z
  .string()
  .trim()
  .regex(/^\d{3}-?\d{3}-?\d{4}$/, 'Enter the ten digits at the top right of Google Ads, such as 123-456-7890.')
  .overwrite((id) => id.replaceAll('-', ''));

export const ga4MeasurementId = z
  .string()
  .trim()
  .toUpperCase()
  .refine((id) => !id.startsWith('UA-'), 'UA- ids belong to the old Universal Analytics; give the G- id of GA4.')
  .regex(/^G-[A-Z0-9]{6,12}$/, 'Enter the measurement id of the web stream, such as G-AB12CD34EF.');

export const ga4PropertyId = z
  .string()
  .trim()
  .regex(/^\d{6,12}$/, 'Enter the GA4 property number, such as 123456789, not the G- measurement id.');

export const gtmContainerId = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^GTM-[A-Z0-9]{4,9}$/, 'Enter the container id, such as GTM-ABC1234.');

export const googleAdsConversionId = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^AW-\d{8,12}$/, 'Enter the conversion id, such as AW-123456789.');

export const conversionLabel = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{8,40}$/, 'Enter the label beside the conversion id, such as abC-D_efG-h12.');

export const gbpPlaceId = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{10,512}$/, 'Enter the place id, such as ChIJN1t_tDeuEmsRUsoyG83frY4.');

export const gbpLocation = z
  .string()
  .trim()
  .regex(/^locations\/\d{5,25}$/, 'Enter the location name, such as locations/1234567890.');

/** Stored as `act_<digits>`, whichever way it was given. */
export const metaAdAccountId = z
  .string()
  .trim()
  .regex(/^(?:act_)?\d{5,20}$/, 'Enter the ad account id, such as act_1234567890.')
  .overwrite((id) => (id.startsWith('act_') ? id : `act_${id}`));

const metaId = (what: string) =>
  z
    .string()
    .trim()
    .regex(/^\d{5,20}$/, `Enter the number of the ${what}, such as 123456789012345.`);

export const metaPageId = metaId('page');
export const metaBusinessId = metaId('business');
export const metaPixelId = metaId('pixel');

export const tiktokAdvertiserId = z
  .string()
  .trim()
  .regex(/^\d{16,20}$/, 'Enter the advertiser id, 16 to 20 digits.');

export const tiktokPixelCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9]{16,24}$/, 'Enter the pixel code, 16 to 24 letters and digits.');

/** The id of something that a platform made for us, where its form is the platform's own business. */
export const platformId = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_:./-]{3,120}$/, 'Enter the id as the platform shows it.');
