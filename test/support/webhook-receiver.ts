/** The host platform's own server, as it hears webhooks: keeps all, takes them unless it is told to hold them or to answer otherwise. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from '../../protocol/index.ts';

export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

export interface Told {
  readonly headers: Record<string, string>;
  readonly text: string;
  readonly body: Webhook;
  answered: boolean;
}

export const startWebhookReceiver = async () => {
  const told: Told[] = [];
  const held: (() => void)[] = [];
  let holds = false;
  let answer = (response: ServerResponse): unknown => response.writeHead(204).end();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const one: Told = {
      headers: request.headers as Record<string, string>,
      text,
      body: Webhook.parse(JSON.parse(text)),
      answered: false,
    };
    told.push(one);
    const reply = (): void => {
      one.answered = response.destroyed === false;
      answer(response);
    };
    if (holds) held.push(reply);
    else reply();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    told: told as readonly Told[],
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    types: () => told.map(({ body }) => body.type),
    answerWith(next: typeof answer): void {
      answer = next;
    },
    /** What was held is never answered. */
    hold(hold: boolean): void {
      holds = hold;
      held.length = 0;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
