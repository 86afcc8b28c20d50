/** The gates there are. A new one is a name in `GateKind`, a file here, and what the compiler asks for then. */
import type { GateKind } from '../words/state.ts';
import { access } from './access.ts';
import { approval } from './approval.ts';
import { auto } from './auto.ts';
import { external } from './external.ts';
import { form } from './form.ts';
import type { Gate } from './gate.ts';
import { qa } from './qa.ts';
import { work } from './work.ts';

export const gates: Readonly<Record<GateKind, Gate>> = { form, access, work, approval, qa, auto, external };
