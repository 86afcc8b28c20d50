/** A person a mail goes to: exactly one mailbox. */
import { z } from 'zod';

export const person = z.strictObject({ name: z.string().min(1).max(200), email: z.email().max(254) });
