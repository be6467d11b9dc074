// The linter's rules for scripts; how they are set is prettier's business (package.json).
import js from "@eslint/js";
import globals from "globals";

// What turns text into markup or code: trusted types refuse it in the browser, this refuses it before.
const MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML", "write", "writeln", "srcdoc"];

export default [
  js.configs.recommended,
  {
    rules: {
      complexity: ["error", 14],
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-restricted-properties": ["error", ...MARKUP.map((property) => ({ property }))],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["static/js/**"],
    languageOptions: { globals: { ...globals.browser, htmx: "readonly" } },
  },
  {
    files: ["tests/scripts/**"],
    languageOptions: { globals: globals.node },
  },
  {
    files: ["static/js/**/sw-*.js"],
    languageOptions: {
      sourceType: "script",
      globals: { ...globals.serviceworker, idb: "readonly" },
    },
  },
  {
    // one method says what each state of a question shows
    files: ["static/js/**/sitting-view.js"],
    rules: { complexity: ["error", 23] },
  },
];
