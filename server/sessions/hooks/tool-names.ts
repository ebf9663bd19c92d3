/** The names of tools for hooks (docs/protocol/services.md §6 "Matchers"): first the name, then others for matchers. */

/** Commands, whatever tool the model runs them with. */
export const SHELL_NAMES = ['Bash'] as const;
/** Patches; the other names are those of tools that change files elsewhere. */
export const PATCH_NAMES = ['apply_patch', 'Edit', 'Write'] as const;
