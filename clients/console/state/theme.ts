/** Light or dark: as the system, or as the person chose. */
import { signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const theme = signal<Theme>('system');

export const readTheme = (text: string | null): Theme => THEMES.find((name) => name === text) ?? 'system';
/** The value of the CSS property `color-scheme`. */
export const schemeOf = (chosen: Theme): string => (chosen === 'system' ? 'light dark' : chosen);
export const nextTheme = (chosen: Theme): Theme => THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length] ?? 'system';
