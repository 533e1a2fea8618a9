import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type Person, signInAs } from '../support/browser.ts';
import { pathsOf, receives, watchPaths } from '../support/call-probe.ts';
import { startTlsCoturn, type TlsTurnServer } from '../support/engines/coturn.ts';
import { createNetwork, type Network, whyNoNamespaces } from '../support/namespaces.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { openThread, startVideoCall } from '../support/video-call.ts';

/** In a namespace every port is free. */
const MEDIA_PORT = 40_000;

const reason = whyNoNamespaces();
if (reason !== undefined) console.info(`Calls through firewalls are not tested: ${reason}.`);

/** The real server, coturn and Chromium; a firewall between people and servers that lets little through. */
describe.skipIf(reason !== undefined)('a call through a firewall', () => {
  let network: Network;
  let turn: TlsTurnServer;
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    network = await createNetwork();
    turn = await startTlsCoturn(network.servers);
    const { address } = network.servers;
    const urls = [`turns:${address}:${turn.tlsPort}?transport=tcp`];
    const env = {
      PARLEY_DEMO: 'true',
      PARLEY_MEDIA_PORT_BASE: String(MEDIA_PORT),
      PARLEY_TURN_URLS: JSON.stringify(urls),
      PARLEY_TURN_SECRET: turn.secret,
    };
    server = await startServer(env, undefined, undefined, network.servers);
    browser = await launchBrowser({
      namespace: network.people,
      args: [
        // Camera and microphone are for secure pages; this one is served without TLS.
        `--unsafely-treat-insecure-origin-as-secure=http://${address}:${server.port}`,
        // Chromium checks the certificate of a TURN server as it does any other. This key alone is trusted.
        `--ignore-certificate-errors-spki-list=${turn.keyHash}`,
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
    await turn?.dispose();
    await network?.close();
  });

  let people: Person[] = [];
  afterEach(async () => {
    await people[0]?.page.getByTestId('end-for-all').click();
    await Promise.all(people.map(({ context }) => context.close()));
    people = [];
  });

  /** Two people in a video call. */
  const call = async (): Promise<[Person, Person]> => {
    const url = `http://${network.servers.address}:${server.port}`;
    const dana = await signInAs(browser, url, 'dana');
    const tomas = await signInAs(browser, url, 'tomas');
    people = [dana, tomas];
    for (const { page } of people) await watchPaths(page);
    await openThread(dana, tomas);
    await startVideoCall(dana, tomas);
    return [dana, tomas];
  };

  const bothReceive = (frames: number): Promise<unknown> =>
    Promise.all(people.map(({ page, userId }) => receives(page, userId, frames, 40_000)));

  /** Of both people, sending and receiving. */
  const paths = () =>
    until('two connections of each', async () => {
      const found = (await Promise.all(people.map(({ page }) => pathsOf(page)))).flat();
      return found.length === 4 && found;
    });

  it('[TN4] goes over TCP where no UDP gets through', async () => {
    await network.filter({ tcp: [server.port, MEDIA_PORT], udp: false });
    await call();
    await bothReceive(30);
    for (const path of await paths()) {
      expect(path).toMatchObject({ type: expect.stringMatching(/^(host|prflx)$/), protocol: 'tcp' });
    }
    expect(await network.swallowed()).toBeGreaterThan(0);
  }, 90_000);

  it('[TN5] goes over TURN with TLS where nothing else gets through', async () => {
    await network.filter({ tcp: [server.port, turn.tlsPort], udp: false });
    await call();
    await bothReceive(30);
    for (const path of await paths()) expect(path).toMatchObject({ type: 'relay', relayProtocol: 'tls' });
    expect(await network.swallowed()).toBeGreaterThan(0);
  }, 90_000);

  it('[TN6] goes on when its UDP stops getting through', async () => {
    await network.filter({ tcp: 'all', udp: true });
    await call();
    await bothReceive(30);
    for (const path of await paths()) expect(path).toMatchObject({ type: 'host', protocol: 'udp' });
    await network.filter({ tcp: 'all', udp: false });
    const stoppedAt = Date.now();
    await bothReceive(60);
    console.info(`60 more frames on both sides ${Date.now() - stoppedAt} ms after UDP stopped`);
    for (const { protocol, relayProtocol } of await paths()) expect(relayProtocol ?? protocol).not.toBe('udp');
  }, 90_000);

  it('[TN7] goes on where one packet in twenty is lost', async () => {
    await network.filter({ tcp: 'all', udp: true, lossPercent: 5 });
    await call();
    await bothReceive(100);
    for (const path of await paths()) expect(path).toMatchObject({ type: 'host', protocol: 'udp' });
    expect(await network.swallowed()).toBeGreaterThan(100);
  }, 90_000);
});
