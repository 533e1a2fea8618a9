/** Why Redis cannot be used by the settings that there are, in words for whoever set them; what is only away is not meant. */

const REASONS: readonly (readonly [shows: RegExp, reason: string])[] = [
  [/\bWRONGPASS\b/, 'Redis refuses the user or the password in REDIS_URL'],
  [/\bNOAUTH\b/, 'Redis asks for a password, and REDIS_URL has none'],
  [/\bNOPERM\b/, 'Redis does not let the user in REDIS_URL do what Parley needs'],
  [/certificate.required/i, 'Redis asks its clients for a certificate, and Parley has none; set tls-auth-clients there'],
  [/certificate|\bERR_TLS_/i, 'The certificate of Redis is not trusted; PARLEY_REDIS_CA_FILE names the authority that signed it'],
];

/** Undefined for an error that passes by itself. */
export const refusalOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  // The driver says of a Cluster only that no node could be asked; the reason of the last one is in there.
  const { lastNodeError, code } = error as { lastNodeError?: unknown; code?: unknown };
  const text = `${error.message} ${String(code ?? '')}`;
  return REASONS.find(([shows]) => shows.test(text))?.[1] ?? refusalOf(lastNodeError);
};
