/** Who does something, and how it came to us: the two things that every line of history names. */
export const roles = ['order_admin', 'setup_manager', 'account_manager', 'fulfillment'] as const;
export type Role = (typeof roles)[number];

/** `id` is an API key's id, a link's id or a process's name: never a person's name or address. */
export interface Actor {
  type: 'staff' | 'client' | 'service' | 'system';
  id: string;
  role?: Role;
}

const causes = ['api', 'worker', 'bulk', 'client-link', 'callback', 'timer', 'migration'] as const;
export type Cause = (typeof causes)[number];

export const system: Actor = { type: 'system', id: 'orderworks' };
