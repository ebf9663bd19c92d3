import { any, bool, float, int, list, map, oneOf, str, table, union } from './toml-shape.js';

/** `[tui]` and `[notice]`: settings of terminal clients in the same file. codexd knows the keys and ignores them. */
export function terminalShapes() {
  const sessionPicker = oneOf(['comfortable', 'dense']);

  const tui = table(
    'Tui',
    {
      default_hosts: map(map(str()), '', {}),
      notifications: { ...union('Notifications', [bool(), list(str())]), fallback: true },
      notification_method: oneOf(['auto', 'osc9', 'osc777', 'bel'], '', 'auto'),
      notification_condition: oneOf(['unfocused', 'always'], '', 'unfocused'),
      animations: bool('', true),
      screen_reader_detection_done: bool(),
      effects: table(
        'TuiEffects',
        {
          starfield: bool('', true),
          shimmer: bool('', true),
          welcome: bool('', true),
          effort: bool('', true),
          progress: bool('', true),
          title: bool('', true),
        },
        { fallback: {} },
      ),
      rendering: table(
        'TuiRendering',
        { mermaid: bool('', true), math: bool('', true), tables: bool('', true), lists: bool('', true) },
        { fallback: {} },
      ),
      show_tooltips: bool('', true),
      show_server_version_notice: bool('', true),
      auto_recap: bool('', true),
      disable_paste_burst: bool(),
      vim_mode_default: bool('', false),
      question_esc_back: bool('', true),
      raw_output_mode: bool('', false),
      fullscreen_transcript: bool('', true),
      collapse_turn_details: bool('', false),
      sidebar_width_percent: int('u8'),
      mouse_scroll_speed: float(),
      copy_on_select: oneOf(['auto', 'always', 'never'], '', 'auto'),
      copy_on_select_clear_selection: bool('', false),
      right_click_paste: oneOf(['auto', 'on', 'off'], '', 'auto'),
      alternate_screen: oneOf(['auto', 'always', 'never'], '', 'auto'),
      status_line: list(str()),
      status_line_use_colors: bool('', true),
      terminal_title: list(str()),
      theme: str(),
      pet: str(),
      pet_anchor: oneOf(['composer', 'screen-bottom'], '', 'composer'),
      session_picker_view: sessionPicker,
      agents_overview_grouping: oneOf(['project', 'status', 'model'], '', 'project'),
      resume_cwd: oneOf(['current', 'session']),
      // Contexts and actions differ between versions, so the bindings are not checked.
      keymap: map(map(any()), '', {}),
      presets: map(any(), '', {}),
      model_availability_nux: map(any(), '', {}),
      terminal_resize_reflow_max_rows: int('usize'),
    },
    { doc: 'Settings of terminal clients.' },
  );

  const profileTui = table('ProfileTui', { session_picker_view: sessionPicker });

  const notice = table('Notice', {
    hide_gov_cloud_guidance: bool(),
    hide_full_access_warning: bool(),
    hide_world_writable_warning: bool(),
    fast_default_opt_out: bool(),
    hide_rate_limit_model_nudge: bool(),
    hide_gpt5_1_migration_prompt: bool(),
    'hide_gpt-5.1-codex-max_migration_prompt': bool(),
    model_migrations: map(str(), '', {}),
    external_config_migration_prompts: table(
      'ExternalConfigMigrationPrompts',
      {
        home: bool(),
        home_last_prompted_at: int('i64'),
        projects: map(bool(), '', {}),
        project_last_prompted_at: map(int('i64'), '', {}),
      },
      { fallback: {} },
    ),
  });

  return { tui, profileTui, notice };
}
