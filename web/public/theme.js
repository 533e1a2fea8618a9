// Runs before the first paint, so that a chosen theme does not flash the other one. A file of its own because the content
// security policy allows no inline script. src/app/theme.ts keeps the choice.
const chosen = localStorage.getItem('parley:theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
