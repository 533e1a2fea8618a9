/** A node of its own process that holds a session of each user it is told of and renews it until it is killed. */
import { joinPresence } from './redis-presence.ts';

const [url = '', prefix = '', ...userIds] = process.argv.slice(2);
const { presence } = await joinPresence(url, prefix);
for (const userId of userIds) presence.hold(userId, 'held');
await presence.get(userIds);
process.stdout.write('held\n');
setInterval(() => {}, 1_000);
