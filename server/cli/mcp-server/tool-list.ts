/** The tools of `codexd mcp-server`: names, members and values of the reference (docs/protocol/services.md §11). */
import type { Tool } from '@modelcontextprotocol/server';

export const APPROVAL_POLICIES = ['untrusted', 'on-failure', 'on-request', 'never'] as const;
export const SANDBOX_MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;

const text = (description: string) => ({ type: 'string', description });

const RESULT: Tool['outputSchema'] = {
  type: 'object',
  properties: { threadId: { type: 'string' }, content: { type: 'string' } },
  required: ['threadId', 'content'],
};

const CODEX: Tool = {
  name: 'codex',
  title: 'Codex',
  description:
    'Start a session of the agent in a folder, and run its first turn. The result has the id of the session.',
  inputSchema: {
    type: 'object',
    properties: {
      prompt: text('What the agent shall do.'),
      cwd: text('The folder to work in. A relative path starts at the working folder of this server.'),
      model: text('The model to ask. Absent: the one of the configuration.'),
      sandbox: { ...text('What commands of the model may do without an approval.'), enum: [...SANDBOX_MODES] },
      'approval-policy': {
        ...text('When a person is asked. `on-failure` is the older name of `on-request`.'),
        enum: [...APPROVAL_POLICIES],
      },
      config: {
        type: 'object',
        additionalProperties: true,
        description: 'Values that override config.toml for this session: dotted keys or nested tables.',
      },
      profile: text('A profile: $CODEX_HOME/NAME.config.toml is laid over config.toml for this session.'),
      'base-instructions': text('Instructions in place of the built-in ones.'),
      'developer-instructions': text('More instructions, in a message of the role developer.'),
      'compact-prompt': text('The prompt that summarises a long session.'),
    },
    required: ['prompt'],
  },
  outputSchema: RESULT,
};

const CODEX_REPLY: Tool = {
  name: 'codex-reply',
  title: 'Codex Reply',
  description: 'Continue a session of the agent with another prompt.',
  inputSchema: {
    type: 'object',
    properties: {
      prompt: text('The next message to the agent.'),
      threadId: text('The id of the session, from the result of `codex`. Required, unless conversationId is given.'),
      conversationId: text('The older name of threadId.'),
    },
    required: ['prompt'],
  },
  outputSchema: RESULT,
};

export const TOOLS: readonly Tool[] = [CODEX, CODEX_REPLY];
