/** `[codexd] operators`: what a client may do with the commands and questions of others. */
import { tableAt, type TomlTable } from '../toml/value.js';

export type OperatorsMay = 'none' | 'see' | 'answer';

/** The configuration without project layers: a repository gives nobody this right. */
export function operatorsMay(table: TomlTable): OperatorsMay {
  const { operators } = tableAt(table, 'codexd');
  return operators === 'none' || operators === 'answer' ? operators : 'see';
}
