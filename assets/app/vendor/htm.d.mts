declare const htm: {
  bind(create: Function): (strings: TemplateStringsArray, ...values: unknown[]) => unknown;
};
export default htm;
