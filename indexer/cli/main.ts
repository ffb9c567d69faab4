import { Command, CommanderError } from 'commander';
import { config as loadEnvFile } from 'dotenv';
import { AppError, formatError, UsageError } from '../../schema/errors.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerIndex } from './commands/index-command.ts';
import { registerMigrate } from './commands/migrations.ts';
import { registerRebuild } from './commands/rebuild.ts';
import { registerRecord } from './commands/record.ts';
import { registerReplay } from './commands/replay.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerServe } from './commands/serve.ts';
import { registerStart } from './commands/start.ts';
import { registerVerify } from './commands/verify.ts';
import { InterruptedError } from './shutdown.ts';

const EXIT = { done: 0, failed: 1, wrongUse: 2, interrupted: 130 } as const;

function buildProgram(): Command {
  const program = new Command('bulkhead')
    .description('Event-sourced indexer and analytics API for isolated-margin perpetuals')
    .version('0.1.0')
    .showHelpAfterError('(add --help for the flags of this command)')
    .exitOverride();
  registerStart(program);
  registerIndex(program);
  registerServe(program);
  registerReplay(program);
  registerRecord(program);
  registerRebuild(program);
  registerRollback(program);
  registerVerify(program);
  registerDoctor(program);
  registerMigrate(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** Runs one command. Errors become one readable message on stderr, never a stack. */
async function main(): Promise<number> {
  loadEnvFile({ quiet: true });
  const program = buildProgram();
  if (process.argv.length <= 2) {
    process.stdout.write(program.helpInformation());
    return EXIT.wrongUse;
  }
  try {
    await program.parseAsync(process.argv);
    return EXIT.done;
  } catch (error) {
    // Commander has printed its own message by now.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
    process.stderr.write(`\n${formatError(error)}\n`);
    if (!(error instanceof AppError) && process.env['LOG_LEVEL'] === 'debug') {
      process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
    }
    if (error instanceof InterruptedError) return EXIT.interrupted;
    return error instanceof UsageError ? EXIT.wrongUse : EXIT.failed;
  }
}

// The embedded engine keeps threads alive: leave by exit once everything is closed.
process.exit(await main());
