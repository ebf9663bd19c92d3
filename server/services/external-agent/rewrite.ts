/** Texts for another agent, in the names of this one (docs/protocol/services.md §15). */
const FILE = /\bCLAUDE\.md\b/gi;
const AGENT = /(?<![\w.-])(?:claude[ _-]?code|claude)(?![\w.-]*\w)/gi;

export const rewritten = (text: string): string => text.replace(FILE, 'AGENTS.md').replace(AGENT, 'Codex');
