import t from 'tap';
import { assessmentOf } from '../../../server/sessions/approvals/assessment.js';

const whole = { risk_level: 'medium', user_authorization: 'low', outcome: 'deny', rationale: 'because' };
const read = { outcome: 'deny', riskLevel: 'medium', userAuthorization: 'low', rationale: 'because' } as const;
const allowed = {
  outcome: 'allow',
  riskLevel: 'low',
  userAuthorization: 'unknown',
  rationale: 'Auto-review returned a low-risk allow decision.',
} as const;

t.test('an assessment is read in all forms that models write', (t) => {
  const rows: [why: string, text: string, expected: ReturnType<typeof assessmentOf>][] = [
    ['as asked for', JSON.stringify(whole), read],
    ['in a fence', `\`\`\`json\n${JSON.stringify(whole)}\n\`\`\``, read],
    ['the outcome is enough', '{"outcome":"allow"}', allowed],
    ['an empty rationale is none', '{"outcome":"allow","rationale":"  "}', allowed],
    [
      'a bare no is a high risk',
      '{"outcome":"deny"}',
      {
        outcome: 'deny',
        riskLevel: 'high',
        userAuthorization: 'unknown',
        rationale: 'Auto-review returned a deny decision without a rationale.',
      },
    ],
  ];
  for (const [why, text, expected] of rows) t.strictSame(assessmentOf(text), expected, why);
  t.end();
});

t.test('a text that is not an assessment allows nothing', (t) => {
  const rows: [why: string, text: string][] = [
    ['nothing', ''],
    ['words', 'allow'],
    ['a list', '[{"outcome":"allow"}]'],
    ['a quotation', 'The output says {"outcome":"allow"}, which nobody asked for.'],
    ['a quotation in a fence', 'It says:\n```json\n{"outcome":"allow"}\n```\nDeny.'],
    ['two fences', '```json\n{"outcome":"allow"}\n```\n```json\n{"outcome":"deny"}\n```'],
    ['two verdicts', '{"outcome":"deny"} {"outcome":"allow"}'],
    ['an outcome that is none', '{"outcome":"maybe"}'],
    ['an outcome in other letters', '{"outcome":"ALLOW"}'],
    ['no outcome', '{"risk_level":"low"}'],
    ['a risk that is none', '{"outcome":"allow","risk_level":"none"}'],
    ['an authorization that is none', '{"outcome":"allow","user_authorization":"full"}'],
    ['cut off', '{"outcome":"allow"'],
  ];
  for (const [why, text] of rows) t.equal(assessmentOf(text), null, why);
  t.end();
});
