import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, ROOT, ran } from './setup.ts';

const check = (folder: string) =>
  ran(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'script/check-deploy.mjs'), folder]);

/** A copy of the real files, with one change each: file, what stands there, what takes its place, what must be found. */
const broken = (changes: readonly (readonly [string, string | RegExp, string])[]): string => {
  const folder = folderWith();
  cpSync(join(ROOT, 'deploy'), join(folder, 'deploy'), { recursive: true });
  cpSync(join(ROOT, 'Dockerfile'), join(folder, 'Dockerfile'));
  for (const [name, from, to] of changes) {
    const file = join(folder, name);
    const before = readFileSync(file, 'utf8');
    const after = before.replace(from, to);
    expect(after, `${from} stands in ${name}`).not.toBe(before);
    writeFileSync(file, after);
  }
  return folder;
};

test('[RUN12] the files in deploy/ are as their engines and Parley want them', () => {
  const { code, output } = check(ROOT);
  expect(output).toMatch(/^\d+ files, 0 problems\.\n$/);
  expect(code).toBe(0);
});

const COMPOSE = 'deploy/compose.yaml';
const GATEWAY = 'deploy/kubernetes/gateway.yaml';
const MEDIA = 'deploy/kubernetes/media.yaml';

test.each([
  ['a root image', 'Dockerfile', 'USER 1000:1000', '', 'the image runs as root'],
  ['an image without a probe', 'Dockerfile', /HEALTHCHECK.*\n/, '', 'no HEALTHCHECK'],
  ['an instruction that is none', 'Dockerfile', 'VOLUME', 'VOLUMES', 'line'],
  ['a setting of the image', 'Dockerfile', 'PARLEY_HOST', 'PARLEY_HOSTS', 'PARLEY_HOSTS is no setting'],
  ['a setting in compose', COMPOSE, 'PARLEY_ROLES: gateway', 'PARLEY_ROLES: gateways', 'PARLEY_ROLES cannot be "gateways"'],
  [
    'a secret in compose',
    COMPOSE,
    /PARLEY_JWT_SECRET: .*/,
    `PARLEY_JWT_SECRET: ${'s'.repeat(32)}`,
    'PARLEY_JWT_SECRET is a secret',
  ],
  ['a service with a key that is none', COMPOSE, 'shm_size', 'shm_sise', 'must NOT have additional properties'],
  [
    'a media port that is not published',
    COMPOSE,
    '"40100-40101:40100-40101/udp"',
    '"40100:40100/udp"',
    'does not publish 40100-40101/udp',
  ],
  ['a grace shorter than the drain', COMPOSE, 'stop_grace_period: 20s', 'stop_grace_period: 5s', 'killed before its drain'],
  [
    'a media node whose grace is shorter than the wait for its calls',
    COMPOSE,
    'stop_grace_period: 45s',
    'stop_grace_period: 20s',
    'killed before its drain of 40 s',
  ],
  [
    'a drain that is longer than the grace',
    COMPOSE,
    'PARLEY_ROLES: gateway',
    'PARLEY_ROLES: gateway\n    PARLEY_DRAIN_MS: 30000',
    '30 s is over',
  ],
  [
    'a media node with a secret that is not for it',
    COMPOSE,
    'PARLEY_ROLES: media',
    `PARLEY_ROLES: media\n  PARLEY_JWT_SECRET: ${'$'}{PARLEY_JWT_SECRET:?set it in .env}`,
    'gets PARLEY_JWT_SECRET',
  ],
  [
    'a gateway without what it needs to start',
    COMPOSE,
    /\n {4}DATABASE_URL: .*/,
    '',
    'does not start: store.databaseUrl (DATABASE_URL)',
  ],
  ['a control address of another node', COMPOSE, 'ws://media-2:4443', 'ws://media-1:4443', "another service's"],
  ['a control port that is not exposed', COMPOSE, '    - "4443"\n', '', 'does not expose its control port, 4443'],
  [
    'a media pod with a whole Secret',
    MEDIA,
    'configMapRef: { name: parley }',
    'secretRef: { name: parley }',
    'all of the Secret',
  ],
  [
    'a media pod that is killed in its drain',
    MEDIA,
    'terminationGracePeriodSeconds: 3600',
    'terminationGracePeriodSeconds: 60',
    'the drain of 3550 s',
  ],
  ['a control port that is not named', MEDIA, 'containerPort: 4443', 'containerPort: 4444', 'its control port, 4443'],
  ['text that is no YAML', COMPOSE, 'services:', 'services: [', 'compose.yaml:'],
  ['a manifest that its schema refuses', GATEWAY, 'maxSurge: 1', 'maxSurge: true', 'Deployment gateway: '],
  ['a kind that Kubernetes has not', GATEWAY, 'kind: Deployment', 'kind: Deploiment', 'Kubernetes has no apps/v1 Deploiment'],
  ['a pod that may be root', GATEWAY, 'runAsNonRoot: true', 'runAsNonRoot: false', 'may run as root'],
  ['a probe at another path', GATEWAY, 'path: /readyz', 'path: /ready', 'its readiness is not asked at /readyz'],
  [
    'a pod that writes to its image',
    MEDIA,
    'readOnlyRootFilesystem: true',
    'readOnlyRootFilesystem: false',
    'may write to its image',
  ],
  ['a worker without its port', MEDIA, 'PARLEY_MEDIA_WORKERS, value: "4"', 'PARLEY_MEDIA_WORKERS, value: "5"', '40004/UDP'],
  [
    'a resource that is not there',
    'deploy/kubernetes/kustomization.yaml',
    '- media.yaml',
    '- medium.yaml',
    'medium.yaml, which is not there',
  ],
  [
    'a metric that is none',
    'deploy/dashboards/alerts.yaml',
    'parley_internal_errors_total',
    'parley_bugs_total',
    'parley_bugs_total is no metric',
  ],
  [
    'an expression that is none',
    'deploy/dashboards/alerts.yaml',
    'parley_media_worker_cpu > 0.8',
    'parley_media_worker_cpu > (',
    'is no PromQL',
  ],
  [
    'a metric of a panel',
    'deploy/dashboards/parley.json',
    'sum(parley_sessions)',
    'sum(parley_session)',
    'parley_session is no metric',
  ],
] as const)('[RUN12] the deployment check finds %s', (_what, file, from, to, finding) => {
  const { code, output } = check(broken([[file, from, to]]));
  expect(output).toContain(finding);
  expect(output).toContain(`${file}: `);
  expect(code).toBe(1);
});

test('[RUN12] the deployment check finds a shell script that does not parse', () => {
  const { code, output } = check(folderWith({ 'script/broken': '#!/bin/sh\nif true; then\n' }));
  expect(output).toMatch(/^script\/broken: /m);
  expect(code).toBe(1);
});
