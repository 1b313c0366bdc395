/**
 * Methods of commander as scripts need them: as it does what `script()` asks
 * for, without what else it could be asked.
 *
 * @module
 */

/** A method up to the brace below where it began, in a bundle not minified yet. */
const METHOD = /^ {2}(\w+)\(.*\) \{\n(?:(?! {2}\S).*\n)* {2}\}\n/gm;

const METHODS = `
  visibleOptions(command) {
    const options = command.options.filter((option) => !option.hidden);
    return [...options, command._getHelpOption()];
  }
  optionDescription(option) {
    const isShown = option.required || option.optional ||
      option.isBoolean() && typeof option.defaultValue === "boolean";
    const { defaultValue } = isShown ? option : {};
    return this.argumentDescription({ ...option, defaultValue });
  }
  configureOutput(configuration) {
    this._outputConfiguration = configuration;
    return this;
  }
  showHelpAfterError(hint) {
    this._showHelpAfterError = hint;
    return this;
  }
  addArgument(argument) {
    this.registeredArguments.push(argument);
    return this;
  }
  exitOverride() {
    return this;
  }
  _exit(exitCode, code, message) {
    throw new CommanderError(exitCode, code, message);
  }
  _callParseArg(target, value, previous, invalidArgumentMessage) {
    try {
      return target.parseArg(value, previous);
    } catch (err) {
      if (err.code !== "commander.invalidArgument") throw err;
      this.error(\`\${invalidArgumentMessage} \${err.message}\`);
    }
  }
  _registerOption(option) {
    this.options.push(option);
  }
  _optionEx(config, flags, description, fn, defaultValue) {
    const option = this.createOption(flags, description);
    if (typeof fn === "function") option.default(defaultValue).argParser(fn);
    else option.default(fn);
    return this.addOption(option);
  }
  _parseCommand(operands, unknown) {
    const parsed = this.parseOptions(unknown);
    this._parseOptionsImplied();
    this.args = parsed.operands.concat(parsed.unknown);
    this._outputHelpIfRequested(parsed.unknown);
    this._checkForConflictingOptions();
    if (parsed.unknown.length > 0) this.unknownOption(parsed.unknown[0]);
    this._processArguments();
  }
  _outputHelpIfRequested(args) {
    if (!args.some((arg) => this._helpOption.is(arg))) return;
    this.outputHelp();
    this._exit(0, "", "");
  }
  _conflictingOption(option, conflictingOption) {
    const flagsOf = (option) => {
      const key = option.attributeName();
      const same = this.options.filter((one) => one.attributeName() === key);
      const isNegated = this.getOptionValue(key) === false;
      const best = isNegated && same.find((one) => one.negate) ||
        same.find((one) => !one.negate) || option;
      return \`option '\${best.flags}'\`;
    };
    const both = [option, conflictingOption].map(flagsOf);
    this.error(\`error: \${both.join(" cannot be used with ")}\`);
  }
  unknownOption(flag) {
    const options = this.createHelp().visibleOptions(this);
    const flags = options.flatMap(({ long }) => long ?? []);
    const similar = flag.startsWith("--") ? suggestSimilar(flag, flags) : "";
    this.error(\`error: unknown option '\${flag}'\${similar}\`);
  }
  error(message) {
    const { outputError, writeErr } = this._outputConfiguration;
    outputError(\`\${message}\\n\`, writeErr);
    writeErr(\`\${this._showHelpAfterError}\\n\`);
    this._exit(1, "", message);
  }
  version(text, flags, description) {
    const option = this.createOption(flags, description);
    this._registerOption(option);
    this.on("option:" + option.name(), () => {
      this._outputConfiguration.writeOut(\`\${text}\\n\`);
      this._exit(0, "", text);
    });
    return this;
  }
  description(text) {
    if (text === undefined) return this._description;
    this._description = text;
    return this;
  }
  usage() {
    const given = this.registeredArguments.map(humanReadableArgName);
    return ["[options]", ...given].join(" ");
  }
  helpInformation() {
    const help = this.createHelp();
    return help.formatHelp(this, help);
  }
  outputHelp() {
    const context = { write: this._outputConfiguration.writeOut };
    context.write(this.helpInformation());
    this.emit("afterHelp", context);
  }
  helpOption(flags, description) {
    this._helpOption = this.createOption(flags, description);
    return this;
  }
  _getHelpOption() {
    return this._helpOption;
  }
  addHelpText(position, text) {
    return this.on(\`\${position}Help\`, ({ write }) => write(\`\${text}\\n\`));
  }
`.slice(1);

/** Parts of others, by what stands for them. */
const PARTS: readonly (readonly [part: RegExp, instead: string])[] = [
  // Errors are told by their sentences, and have a stack already.
  [/, \{\n *code: "commander\.\w+"\n *\}\)/g, ")"],
  [/^ *Error\.captureStackTrace\(.*\);\n/gm, ""],
  // A source's author has put them right.
  [/^ {2}if \(flagParts\[0\]\.startsWith.*\n(?: {4}.*\n)+ {2}\}\n/m, ""],
  [/^ *if \(shortFlag === void 0 && longFlag === void 0\) throw .*\n/m, ""],
  // Where it would write, before `script()` says so.
  [/^ {4}this\._outputConfiguration = \{\n(?: {6}.*\n)+ {4}\};\n/m, ""],
  // An option has the methods of an argument, and some of its own.
  [/^(var Option = class) \{$/m, "$1 extends Argument {"],
  [
    /(?<=^ {2}constructor\(flags\d*, description\) \{\n)/m,
    '    super("", description);\n',
  ],
];

/**
 * Puts them in place of commander's own.
 *
 * @throws {Error} if commander has another form
 */
export function withOwnMethods(commander: string): string {
  const own = new Map(
    METHODS.matchAll(METHOD).map(([all, name]) => [name, all]),
  );
  const missing = new Set(own.keys());
  const seen = new Set<string>();
  let lean = commander.replace(METHOD, (all, name) => {
    missing.delete(name);
    if (seen.has(all)) return "";
    seen.add(all);
    return own.get(name) ?? all;
  });
  for (const [part, instead] of PARTS) {
    if (!part.test(lean)) missing.add(`${part}`);
    lean = lean.replace(part, instead);
  }
  if (missing.size === 0) return lean;
  throw new Error(`commander has no ${[...missing].join(", ")} any more`);
}
