/** What demo mode offers: people anybody may sign in as. */
import { ProtocolError, type User } from '../../../protocol/index.ts';

export interface DemoPerson {
  readonly user: User;
  readonly role: 'client' | 'freelancer' | 'moderator';
}

const isJson = (response: Response): boolean => response.headers.get('content-type')?.includes('json') ?? false;

/** Null when the server does not run in demo mode. Rejects when it cannot be reached. */
export const demoPeople = async (): Promise<readonly DemoPerson[] | null> => {
  const response = await fetch('/demo/people');
  // A server without demo mode answers 404, or with its page as for any unknown path.
  if (response.status === 404 || (response.ok && !isJson(response))) return null;
  if (!response.ok) throw new Error(`The server answered with ${response.status}.`);
  const { people } = (await response.json()) as { people: DemoPerson[] };
  return people;
};

/** A fresh token. Rejects with a ProtocolError when there is no such person, and with another error when it is worth trying again. */
export const demoToken = async (userId: string): Promise<string> => {
  const response = await fetch(`/demo/token?user=${encodeURIComponent(userId)}`);
  if (response.status === 404 || (response.ok && !isJson(response)))
    throw new ProtocolError('not_found', `There is no demo person called “${userId}” here.`);
  if (!response.ok) throw new Error(`The server answered with ${response.status}.`);
  const { token } = (await response.json()) as { token: string };
  return token;
};
