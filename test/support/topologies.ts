/** The topologies that faults and scenarios run on. */
import { startCluster } from './cluster.ts';
import { type ClusterOptions, type Deployment, FAST, hostOf, type Topology } from './deployment.ts';
import { startServer } from './server-process.ts';
import { startTcpProxy } from './tcp-proxy.ts';

/** All of them, the quickest to start first. */
export const TOPOLOGIES: readonly Topology[] = ['single', 'cluster'];

export const startDeployment = async (
  topology: Topology,
  env: Record<string, string> = {},
  options: ClusterOptions = {},
): Promise<Deployment> => (topology === 'single' ? startSingle({ ...FAST, ...env }) : startCluster({ ...FAST, ...env }, options));

const startSingle = async (env: Record<string, string>): Promise<Deployment> => {
  const server = await startServer(env);
  const front = await startTcpProxy(server.port);
  return {
    topology: 'single',
    gateways: [{ name: 'gateway', server, front, back: {} }],
    mediaNodes: [],
    host: hostOf([server]),
    output: server.output,
    async close() {
      await front.close();
      await server.dispose();
    },
  };
};
