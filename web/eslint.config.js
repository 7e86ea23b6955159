import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.gen.ts'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat['recommended-latest'],
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'scripts/*.mjs', 'public/*.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Event handlers may be async: React ignores what they return.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // TanStack Virtual keeps its own mutable instance; the compiler's advice does not apply without the compiler.
      'react-hooks/incompatible-library': 'off',
      // A log, a list of choices and a canvas are operated by keys though they are not form fields.
      'jsx-a11y/no-noninteractive-tabindex': ['error', { roles: ['tabpanel', 'log', 'region', 'group'], tags: [], allowExpressionValues: true }],
      'no-restricted-syntax': [
        'error',
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Words of customers become nodes, never HTML.' },
        { selector: "MemberExpression[property.name='innerHTML']", message: 'Words of customers become nodes, never HTML.' },
      ],
      'no-restricted-imports': ['error', { patterns: [{ group: ['**/schema.gen'], message: 'Import names from @/api/types.' }] }],
    },
  },
  { files: ['src/api/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    // What two features need is in components, i18n or api: a feature knows no other one, and nothing below knows a feature.
    files: ['src/features/**', 'src/components/**', 'src/i18n/**'],
    ignores: ['src/i18n/*pt-br.ts', 'src/i18n/en.ts', 'src/**/*.test.*'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['**/schema.gen'], message: 'Import names from @/api/types.' },
            { group: ['@/features/**', '../*/**'], message: 'A feature imports no other one: move what both need to components, i18n or api.' },
          ],
        },
      ],
    },
  },
  {
    // Folders inside of a feature know each other.
    files: ['src/features/*/*/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['**/schema.gen'], message: 'Import names from @/api/types.' },
            { group: ['@/features/**', '../../*/**'], message: 'A feature imports no other one: move what both need to components, i18n or api.' },
          ],
        },
      ],
    },
  },
  {
    files: ['scripts/**', 'eslint.config.js', 'public/**'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
);
