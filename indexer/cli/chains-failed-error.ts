import { OperatorError } from '../../schema/errors.ts';

/** Chains failed by themselves, whatever ended the others. */
export class ChainsFailedError extends OperatorError {}
