// What the bundler takes in beside scripts.
declare module '*.css';
declare module '*.svg' {
  const text: string;
  export default text;
}
