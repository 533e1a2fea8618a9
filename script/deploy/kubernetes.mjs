// The Kubernetes manifests: the API's schemas, and what each pod of ours must have.
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { drainSeconds, mediaProblems, portOf, settingProblem } from './settings.mjs';

/** Kinds that Kubernetes itself does not have, so their schema is not at hand: their form alone is checked. */
const FOREIGN = new Set(['kustomize.config.k8s.io/v1beta1', 'monitoring.coreos.com/v1']);
const API = 'k8s.io';
/** Groups of an API that have no dot in their name. */
const DOTLESS = new Set(['apps', 'autoscaling', 'batch', 'policy']);

async function modelOf({ apiVersion, kind }) {
  const [group] = apiVersion.split('/');
  if (apiVersion !== 'v1' && !DOTLESS.has(group) && !group.endsWith(API)) return undefined;
  const models = await import(`kubernetes-models/${apiVersion}`).catch(() => ({}));
  return models[kind];
}

export async function checkKubernetes(documents, report, file) {
  for (const object of documents) {
    if (FOREIGN.has(object?.apiVersion)) await checkForeign(object, report, file);
    else await checkObject(object, report);
  }
}

async function checkForeign({ kind, resources = [] }, report, file) {
  if (kind !== 'Kustomization') return;
  for (const resource of resources)
    await access(join(dirname(file), resource)).catch(() => report(`names ${resource}, which is not there`));
}

async function checkObject(object, report) {
  const { apiVersion, kind, metadata, spec } = object ?? {};
  if (apiVersion === undefined || kind === undefined) return report('an object has no apiVersion or no kind');
  const at = (problem) => report(`${kind} ${metadata?.name}: ${problem}`);
  const Model = await modelOf(object);
  if (Model === undefined) return at(`Kubernetes has no ${apiVersion} ${kind}`);
  try {
    new Model(object).validate();
  } catch (error) {
    at(error.message.split('\n')[0]);
  }
  for (const [name, value] of Object.entries({ ...object.data, ...object.stringData })) {
    const problem = settingProblem(name, value);
    if (problem) at(problem);
  }
  if (spec?.template?.spec) checkPod(spec, at);
}

function checkPod({ selector, template }, at) {
  const { spec, metadata } = template;
  for (const [label, value] of Object.entries(selector?.matchLabels ?? {}))
    if (metadata.labels?.[label] !== value) at(`selects ${label}=${value}, which its pods do not have`);
  for (const container of spec.containers ?? []) {
    const { env = [], livenessProbe, readinessProbe, securityContext = {}, resources } = container;
    for (const { name, value } of env) {
      const problem = settingProblem(name, value);
      if (problem) at(problem);
    }
    if (livenessProbe?.httpGet?.path !== '/healthz') at('its liveness is not asked at /healthz');
    if (readinessProbe?.httpGet?.path !== '/readyz') at('its readiness is not asked at /readyz');
    if (!(spec.securityContext?.runAsNonRoot && spec.securityContext.runAsUser > 0)) at('may run as root');
    if (securityContext.privileged || securityContext.allowPrivilegeEscalation !== false) at('may gain privileges');
    if (!securityContext.readOnlyRootFilesystem) at('may write to its image');
    if (!securityContext.capabilities?.drop?.includes('ALL')) at('keeps capabilities');
    if (resources?.requests === undefined || resources.limits?.memory === undefined) at('has no requests or no limit of memory');
    checkPorts(container, at);
  }
  const [{ env = [], envFrom = [], lifecycle } = {}] = spec.containers ?? [];
  const preStop = lifecycle?.preStop?.sleep?.seconds ?? 0;
  const drain = drainSeconds(environmentOf(env));
  if (!(spec.terminationGracePeriodSeconds > preStop + drain))
    at(`is killed before preStop and the drain of ${drain} s are over`);
  if (environmentOf(env).PARLEY_ROLES !== 'media') return;
  for (const problem of mediaProblems(environmentOf(env))) at(problem);
  for (const { secretRef } of envFrom) if (secretRef) at(`gets all of the Secret ${secretRef.name}`);
}

/** Values that the cluster fills in are undefined. */
const environmentOf = (env) => Object.fromEntries(env.map(({ name, value }) => [name, value]));

function checkPorts({ ports = [], env = [] }, at) {
  const environment = environmentOf(env);
  const setTo = (name) => environment[name];
  const has = (port, protocol) => ports.some((one) => one.containerPort === port && (one.protocol ?? 'TCP') === protocol);
  const port = portOf(environment);
  if (!has(port, 'TCP')) at(`does not name its port, ${port}`);
  if (setTo('PARLEY_ROLES') !== 'media') return;
  const control = Number(setTo('PARLEY_MEDIA_CONTROL_PORT'));
  if (!has(control, 'TCP')) at(`does not name its control port, ${control}`);
  const [first, workers] = [Number(setTo('PARLEY_MEDIA_PORT_BASE')), Number(setTo('PARLEY_MEDIA_WORKERS'))];
  if (Number.isNaN(first + workers))
    return at('needs PARLEY_MEDIA_PORT_BASE and PARLEY_MEDIA_WORKERS, or its ports are not known');
  for (let worker = 0; worker < workers; worker += 1)
    for (const protocol of ['UDP', 'TCP'])
      if (!has(first + worker, protocol)) at(`does not name ${first + worker}/${protocol} of its worker ${worker}`);
}
