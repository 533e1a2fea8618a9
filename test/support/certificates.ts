/** An authority of the test's own and a server's certificate that it signed, made by openssl in a folder that goes with them. */
import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificates {
  /** Files in PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  dispose(): Promise<void>;
}

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;

/** For these names and addresses (`DNS:localhost`, `IP:127.0.0.1`); a server that does not run as this user owns its key. */
export const makeCertificates = async (
  names: readonly string[],
  { uid, gid }: { uid?: number; gid?: number } = {},
): Promise<Certificates> => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-certificates-'));
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('names'), `subjectAltName=${names.join(',')}\n`);
  const authority = ['-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=An authority of the tests', '-days', '2'];
  await run('openssl', ['req', '-x509', ...NEW_KEY, ...authority]);
  await run('openssl', ['req', ...NEW_KEY, '-keyout', at('server.key'), '-out', at('server.csr'), '-subj', '/CN=A server']);
  const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('names'), '-days', '2'];
  await run('openssl', ['x509', '-req', '-in', at('server.csr'), '-out', at('server.pem'), ...signing]);
  if (uid !== undefined && gid !== undefined) {
    for (const path of [folder, ...readdirSync(folder).map(at)]) chownSync(path, uid, gid);
  }
  return {
    ca: at('ca.pem'),
    cert: at('server.pem'),
    key: at('server.key'),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
};
