/** A process for the supervisor's tests: writes what it hears, and does what its first argument says. */
const [, , does = 'serve', name = ''] = process.argv;

process.on('SIGTERM', () => {
  process.stdout.write(`${name} stops\n`);
  if (does !== 'hang') process.exit(0);
});
// Whoever reads this may send the signal at once.
process.stdout.write(`${name} started ${process.pid}\n`);
if (does === 'die') process.exit(1);
if (does === 'refuse') process.exit(2);
setInterval(() => {}, 60_000);
