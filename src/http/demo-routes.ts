/** Demo mode lets anybody who reaches it sign in as one of the demo people. */

import { ProtocolError } from '../../protocol/index.ts';
import { DEMO_PEOPLE, type DemoPerson } from '../demo/people.ts';
import type { TemplatedApp } from '../socket/app.ts';
import { json, type RouteOptions, route } from './http.ts';

export const mountDemo = (app: TemplatedApp, options: { mint: (person: DemoPerson) => string; routes: RouteOptions }): void => {
  route(app, 'get', '/demo/people', options.routes, () =>
    json({ people: DEMO_PEOPLE.map((person) => ({ ...person, token: options.mint(person) })) }),
  );
  route(app, 'get', '/demo/token', options.routes, (call) => {
    const userId = call.query.get('user');
    const person = DEMO_PEOPLE.find(({ user }) => user.userId === userId);
    if (person === undefined) throw new ProtocolError('not_found', 'There is no demo person of this id.');
    return json({ token: options.mint(person) });
  });
};
