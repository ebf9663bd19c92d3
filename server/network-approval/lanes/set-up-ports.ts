/** The ports for lanes that the set-up of Windows' sandbox has left open. */
import { messageOf } from '../../errors/message-of.js';
import { laneError } from '../../errors/network-errors.js';
import { readSetup, type SetupState } from '../../sandbox/windows/setup-state.js';
import { osTroubleText } from '../../system/node/os-errors.js';

const SET_UP = 'Run `codexd windows-sandbox-setup`, or call windowsSandbox/setupStart';

/** At least two; neighbours are pairs. Read each time, because a set-up may change them. Throws `network.lane`. */
export function setUpPorts(codexHome: string | undefined): readonly number[] {
  if (codexHome === undefined) throw laneError('the Windows sandbox is set up in a Codex home, and there is none');
  const setup = read(codexHome);
  switch (setup.status) {
    case 'notConfigured':
      throw laneError('the Windows sandbox is not set up', SET_UP);
    case 'updateRequired':
      throw laneError('the set-up of the Windows sandbox is of another version', `${SET_UP} again`);
    case 'ready': {
      const ports = [...new Set(setup.marker.lanePorts)];
      if (ports.length < 2) throw laneError('the set-up of the Windows sandbox left no pair of ports open', SET_UP);
      return ports;
    }
  }
}

function read(codexHome: string): SetupState {
  try {
    return readSetup(codexHome);
  } catch (error) {
    throw laneError(`the set-up of the Windows sandbox cannot be read: ${osTroubleText(error) ?? messageOf(error)}`);
  }
}
