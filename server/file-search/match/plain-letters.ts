/**
 * Letters without their accents, as the official program compares names (docs/protocol/services.md §2).
 */

/** Letters, each with its plain one, which Unicode does not take apart (strokes, hooks, turned and raised letters). */
const PAIRS =
  '¡!ªa²2³3¹1º0¿?ÐdØoßsðdøoĐdđdĦhħhıiĿlŀlŁlłlŉnŊnŋnŦtŧtſsƀbƁbƂbƃbƄbƆoƇcƈcƉdƊdƋdƌdƎeƏeƐeƑfƒf' +
  'ƓgƕhƖiƗiƙkƚlƜmƝnƞnƟoƤpƥpƦrƧsƨsƪlƫtƬtƭtƮtƲvƳyƴyƵzƶzǃ!ǝeǤgǥgǾoǿoȠnȡdȤzȥzȴlȵnȶtȷjȺaȻcȼcȽlȾt' +
  'ȿsɀzɃbɄuɅvɆeɇeɈjɉjɊqɋqɌrɍrɎyɏyɐaɑaɒaɓbɔcɕcɖdɗdɘeəeɚeɛeɜeɝeɞeɟjɠgɡgɢgɣgɤuɥhɦhɧhɨiɩiɪiɫlɬl' +
  'ɭlɯmɰmɱmɲnɳnɴnɵoɹrɺrɻrɼrɽrɾrɿrʀrʁrʂsʇtʈtʉuʋvʌvʍwʎyʏyʐzʑzʗcʙbʚeʛgʜhʝjʞkʟlẚa⁰0ⁱi⁴4⁵5⁶6⁷7⁸8' +
  '⁹0⁺+⁻-⁼=⁽(⁾)ⁿn₀0₁1₂2₃3₄4₅5₆6₇7₈8₉9₊+₋-₌=₍(₎)ₐaₑeₒoₓxₔeₕhₖkₗlₘmₙnₚpₛsₜt';

const PLAIN = new Map<number, number>();
for (let at = 0; at < PAIRS.length; at += 2) PLAIN.set(PAIRS.charCodeAt(at), PAIRS.charCodeAt(at + 1));

/** The plain letter of a letter with accents; itself for everything else. */
export function plainLetter(code: number): number {
  if (code < 0xa0) return code;
  const known = PLAIN.get(code);
  if (known !== undefined) return known;
  const apart = String.fromCodePoint(code).normalize('NFD').replace(/\p{M}/gu, '');
  const plain = apart.length === 1 && apart.charCodeAt(0) < 128 ? apart.charCodeAt(0) : code;
  PLAIN.set(code, plain);
  return plain;
}
