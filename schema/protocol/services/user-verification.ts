/** Verification of the person at the machine. */
import { i64, nullish, oneOf, struct, tagged, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { RequestId } from '../common/envelope.js';

export const UserVerificationCancelParams = struct(
  'UserVerificationCancelParams',
  {
    requestId: RequestId,
  },
  { strict: true },
);
export type UserVerificationCancelParams = Wire<typeof UserVerificationCancelParams>;

export const UserVerificationCancelResponse = struct('UserVerificationCancelResponse', {});
export type UserVerificationCancelResponse = Wire<typeof UserVerificationCancelResponse>;

export const UserVerificationCancellationReason = oneOf('UserVerificationCancellationReason', [
  'userCancelled',
  'interrupted',
]);
export type UserVerificationCancellationReason = Wire<typeof UserVerificationCancellationReason>;

export const UserVerificationDeleteParams = struct('UserVerificationDeleteParams', {}, { strict: true });
export type UserVerificationDeleteParams = Wire<typeof UserVerificationDeleteParams>;

export const UserVerificationDeleteResponse = struct('UserVerificationDeleteResponse', {});
export type UserVerificationDeleteResponse = Wire<typeof UserVerificationDeleteResponse>;

export const UserVerificationEnrollParams = struct('UserVerificationEnrollParams', {}, { strict: true });
export type UserVerificationEnrollParams = Wire<typeof UserVerificationEnrollParams>;

export const UserVerificationEnrollResponse = struct('UserVerificationEnrollResponse', {
  credentialId: text,
  algorithm: nullish(text),
  publicKey: nullish(text),
});
export type UserVerificationEnrollResponse = Wire<typeof UserVerificationEnrollResponse>;

export const UserVerificationInvalidRequestReason = oneOf('UserVerificationInvalidRequestReason', ['invalidParams']);
export type UserVerificationInvalidRequestReason = Wire<typeof UserVerificationInvalidRequestReason>;

export const UserVerificationUnavailableReason = oneOf('UserVerificationUnavailableReason', [
  'credentialMissing',
  'biometricsUnavailable',
  'providerUnavailable',
]);
export type UserVerificationUnavailableReason = Wire<typeof UserVerificationUnavailableReason>;

export const UserVerificationFailureReason = oneOf('UserVerificationFailureReason', [
  'authenticationFailed',
  'timeout',
  'providerError',
  'serviceError',
]);
export type UserVerificationFailureReason = Wire<typeof UserVerificationFailureReason>;

export const UserVerificationErrorDetails = tagged('UserVerificationErrorDetails', 'type', {
  invalidRequest: struct(
    null,
    {
      reason: UserVerificationInvalidRequestReason,
    },
    { strict: true },
  ),
  unavailable: struct(
    null,
    {
      reason: UserVerificationUnavailableReason,
    },
    { strict: true },
  ),
  cancelled: struct(
    null,
    {
      reason: UserVerificationCancellationReason,
    },
    { strict: true },
  ),
  failed: struct(
    null,
    {
      reason: UserVerificationFailureReason,
    },
    { strict: true },
  ),
});
export type UserVerificationErrorDetails = Wire<typeof UserVerificationErrorDetails>;

export const UserVerificationProof = struct(
  'UserVerificationProof',
  {
    credentialId: text,
    signature: text,
  },
  { strict: true },
);
export type UserVerificationProof = Wire<typeof UserVerificationProof>;

export const UserVerificationRpcError = struct(
  'UserVerificationRpcError',
  {
    code: i64,
    message: text,
    data: UserVerificationErrorDetails,
  },
  { strict: true },
);
export type UserVerificationRpcError = Wire<typeof UserVerificationRpcError>;

export const UserVerificationStatusParams = struct('UserVerificationStatusParams', {}, { strict: true });
export type UserVerificationStatusParams = Wire<typeof UserVerificationStatusParams>;

export const UserVerificationStatusResponse = struct('UserVerificationStatusResponse', {
  credentialId: nullish(text),
  unavailableReason: nullish(UserVerificationUnavailableReason),
  unavailableMessage: nullish(text),
});
export type UserVerificationStatusResponse = Wire<typeof UserVerificationStatusResponse>;

export const UserVerificationVerifyParams = struct(
  'UserVerificationVerifyParams',
  {
    challenge: text,
    title: text,
    description: text,
  },
  { strict: true },
);
export type UserVerificationVerifyParams = Wire<typeof UserVerificationVerifyParams>;

export const UserVerificationVerifyResponse = struct('UserVerificationVerifyResponse', {
  proof: UserVerificationProof,
});
export type UserVerificationVerifyResponse = Wire<typeof UserVerificationVerifyResponse>;
