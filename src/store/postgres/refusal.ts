/** Why PostgreSQL cannot be used by the URL that there is, in words for whoever set it; what is only away is not meant. */

/** Undefined for an error that passes by itself. */
export const refusalOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  const { code, message } = error as { code?: unknown; message: string };
  // PostgreSQL's own words name the user and the database, never the password.
  if (code === '28P01') return `PostgreSQL refuses the user or the password in DATABASE_URL: ${message}`;
  if (code === '28000' || code === '3D000') return `PostgreSQL does not let the user in DATABASE_URL in: ${message}`;
  if (/password must be a string/.test(message)) return 'PostgreSQL asks for a password, and DATABASE_URL has none';
  if (/does not support SSL/.test(message)) return 'DATABASE_URL asks for TLS (sslmode), and PostgreSQL has none';
  if (/certificate|ERR_TLS_/i.test(`${message} ${String(code)}`))
    return `The certificate of PostgreSQL is not trusted (${message}); sslrootcert in DATABASE_URL names the authority that signed it`;
  return refusalOf(error.cause);
};
