// The compose files: the specification's schema, and what each service of ours must have.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Ajv from 'ajv/dist/2019.js';
import { drainSeconds, mediaProblems, portOf, settingProblem, startProblems } from './settings.mjs';

const { resolve } = createRequire(import.meta.url);
const schema = JSON.parse(readFileSync(join(dirname(resolve('dclint/package.json')), 'schemas', 'compose.schema.json'), 'utf8'));
// The schema is of an older draft under the same keywords, and names formats of compose's own.
delete schema.$schema;
const fits = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

const SECONDS = { s: 1, m: 60 };
const secondsOf = (duration) => {
  const parts = String(duration).match(/^(?<count>\d+)(?<unit>[sm])$/)?.groups;
  return parts && Number(parts.count) * SECONDS[parts.unit];
};

export function checkCompose([compose], report) {
  if (!fits(compose)) for (const { instancePath, message } of fits.errors) report(`${instancePath} ${message}`);
  for (const [name, service] of Object.entries(compose.services ?? {})) {
    const at = (problem) => report(`${name}: ${problem}`);
    if (/:latest$/.test(service.image) || !/[:@$]/.test(service.image ?? '$'))
      at('its image is another one tomorrow: name its version');
    if (service.healthcheck === undefined && service.network_mode !== 'host') at('has no healthcheck');
    if (service.privileged) at('is privileged');
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      if (compose.services[other] === undefined) at(`depends on ${other}, which is not there`);
      else if (condition !== 'service_healthy') at(`starts before ${other} is healthy`);
    }
    for (const volume of service.volumes ?? []) {
      const [source] = String(volume).split(':');
      if (/^\w/.test(source) && !(source in (compose.volumes ?? {}))) at(`the volume ${source} is not declared`);
    }
    if (service.environment?.PARLEY_ROLES !== undefined) checkNode(name, service, at);
  }
}

function checkNode(serviceName, service, at) {
  for (const [name, value] of Object.entries(service.environment)) {
    const problem = settingProblem(name, value);
    if (problem) at(problem);
  }
  for (const problem of startProblems(service.environment)) at(`does not start: ${problem}`);
  if (service.user !== undefined && /^(root|0)\b/.test(service.user)) at('runs as root');
  if (!service.read_only) at('may write to its image');
  const drain = drainSeconds(service.environment);
  if (!(secondsOf(service.stop_grace_period) > drain)) at(`is killed before its drain of ${drain} s is over`);
  const port = portOf(service.environment);
  if (!service.expose?.includes(String(port))) at(`does not expose its port, ${port}`);
  if (service.environment.PARLEY_ROLES === 'media') checkMedia(serviceName, service, at);
}

function checkMedia(serviceName, service, at) {
  const { environment, expose = [], ports = [] } = service;
  for (const problem of mediaProblems(environment)) at(problem);
  const { PARLEY_MEDIA_CONTROL_URL: url, PARLEY_MEDIA_CONTROL_PORT: port } = environment;
  if (url !== undefined && new URL(url).hostname !== serviceName) at(`its PARLEY_MEDIA_CONTROL_URL is another service's, ${url}`);
  if (!expose.includes(String(port))) at(`does not expose its control port, ${port}`);
  if (ports.some((one) => String(one).includes(`:${port}`))) at('publishes its control port, which is for gateways alone');
  checkMediaPorts(service, at);
}

/** One port a worker, UDP and TCP, and the same number outside as inside. */
function checkMediaPorts({ environment, ports = [], network_mode }, at) {
  if (network_mode === 'host') return;
  const first = Number(environment.PARLEY_MEDIA_PORT_BASE);
  const last = first + Number(environment.PARLEY_MEDIA_WORKERS) - 1;
  if (Number.isNaN(last)) return at('needs PARLEY_MEDIA_PORT_BASE and PARLEY_MEDIA_WORKERS, or its ports are not known');
  const range = last === first ? `${first}` : `${first}-${last}`;
  for (const protocol of ['udp', 'tcp'])
    if (!ports.includes(`${range}:${range}/${protocol}`)) at(`does not publish ${range}/${protocol} under the same numbers`);
}
