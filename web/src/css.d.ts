/** Style sheets, as Vite gives them to TypeScript: a module's class names by the names in its file. */
declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
declare module '*.css';
declare module '@fontsource-variable/inter/opsz.css';
