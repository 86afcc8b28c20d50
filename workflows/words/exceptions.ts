/**
 * A check that cannot be passed has a way on: somebody asks for an exception with evidence, and somebody else grants it.
 * What it is for stands with it, so that whatever else does not hold still counts.
 */
export interface Exception {
  /** Looks that did not hold when it was asked for, each as its sentence; none where the system checks the order alone. */
  looks: string[];
  reason: string;
  evidence: string;
  requestedBy: string;
  requestedAt: Date;
  /** What the stage is left with, where its looks would have found that. */
  data?: Record<string, unknown>;
  grantedBy?: string;
  grantedAt?: Date;
}

export const isPending = (exception: Exception | undefined): exception is Exception =>
  exception !== undefined && exception.grantedBy === undefined;

/** Whether a granted exception covers this look. */
export const isExcepted = (exception: Exception | undefined, look: string): boolean =>
  exception?.grantedBy !== undefined && exception.looks.includes(look);
