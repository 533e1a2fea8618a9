/** What a Redis URL names: one server, a master that Sentinels know, or a Cluster. */
export interface RedisTarget {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  /** Sentinel's name of the master. */
  readonly masterName?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

const URL_SHAPE =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<credentials>[^@/]*)@)?(?<hosts>[^/?]+)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/;

/**
 * `redis://[user:password@]host[:port][/db]`, `redis+sentinel://…host:port,host:port/master[/db]` and
 * `redis+cluster://…host:port,host:port`; `rediss` for TLS. Credentials are percent-encoded. Sentinels that have credentials of their own
 * get them as `?sentinelUsername=…&sentinelPassword=…`. Throws what is wrong, without the password in it.
 */
export const parseRedisUrl = (url: string): RedisTarget => {
  const parts = URL_SHAPE.exec(url)?.groups;
  if (parts === undefined) throw new Error('The Redis URL is none: redis://host:port, redis+sentinel://… or redis+cluster://…');
  const kind = (parts.kind ?? 'single') as RedisTarget['kind'];
  const hosts = (parts.hosts as string).split(',').map((at) => parseHost(at, kind === 'sentinel' ? 26_379 : 6_379));
  if (kind === 'single' && hosts.length > 1)
    throw new Error('A redis:// URL names one server; see redis+sentinel and redis+cluster.');
  const path = (parts.path ?? '').split('/').filter((part) => part !== '');
  const masterName = kind === 'sentinel' ? path.shift() : undefined;
  if (kind === 'sentinel' && masterName === undefined)
    throw new Error('A redis+sentinel:// URL ends with the name of the master.');
  const [db = '0', ...rest] = path;
  if (!/^\d+$/.test(db) || rest.length > 0) throw new Error('The Redis URL ends with the number of a database, or nothing.');
  if (kind === 'cluster' && db !== '0') throw new Error('A Redis Cluster has database 0 alone.');
  const query = new URLSearchParams(parts.query ?? '');
  const [username, password] = parseCredentials(parts.credentials);
  return {
    kind,
    hosts,
    tls: parts.scheme === 'rediss',
    db: Number(db),
    ...defined({
      username,
      password,
      masterName,
      sentinelUsername: query.get('sentinelUsername') ?? undefined,
      sentinelPassword: query.get('sentinelPassword') ?? undefined,
    }),
  };
};

const parseHost = (at: string, defaultPort: number): { host: string; port: number } => {
  const { host, port } = /^(?<host>\[[^\]]+\]|[^:]+)(?::(?<port>\d{1,5}))?$/.exec(at)?.groups ?? {};
  if (host === undefined) throw new Error(`The Redis URL has ${JSON.stringify(at)} where a host should be.`);
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? defaultPort : Number(port) };
};

const parseCredentials = (credentials: string | undefined): [string | undefined, string | undefined] => {
  if (credentials === undefined || credentials === '') return [undefined, undefined];
  const [username = '', password] = credentials.split(/:(.*)/s, 2).map(decodeURIComponent);
  return [username === '' ? undefined : username, password];
};

type Defined<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

const defined = <Fields extends object>(fields: Fields): Defined<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;
