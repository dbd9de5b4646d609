package org.pgwalrus.cli;

import java.util.List;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/**
 * Where and how, which every command wants to know: such options may stand before the command,
 * within it and behind it. Groups of commands take them too, but leave it to others to list them.
 */
final class GlobalOptions {

  private static final String ELSEWHERE =
      "The options of steep-repl itself, such as --connection and --json, may stand here too.";
  private static final String ANYWHERE =
      "Such options may also stand behind the command; one that stands in both places counts as"
          + " it is there.";

  private GlobalOptions() {}

  /** Hands the options of the program down to its commands. */
  static void spread(CommandSpec program) {
    List<OptionSpec> all =
        program.options().stream()
            .filter(option -> !option.usageHelp() && !option.versionHelp())
            .toList();
    for (OptionSpec option : all) {
      program.remove(option);
      program.addOption(OptionSpec.builder(option).scopeType(ScopeType.INHERIT).build());
    }
    program.usageMessage().footerHeading("%n").footer(ANYWHERE);
    for (CommandLine command : program.subcommands().values()) {
      CommandSpec spec = command.getCommandSpec();
      if (spec.userObject() instanceof HelpCommand
          || spec.userObject() instanceof GenerateCompletion) {
        all.forEach(option -> withdraw(spec, option));
      } else if (!spec.subcommands().isEmpty()) {
        all.forEach(option -> hide(spec, option));
        spec.usageMessage().footerHeading("%n").footer(ELSEWHERE);
      }
    }
  }

  private static OptionSpec withdraw(CommandSpec spec, OptionSpec option) {
    OptionSpec inherited = spec.findOption(option.longestName());
    spec.remove(inherited);
    return inherited;
  }

  private static void hide(CommandSpec spec, OptionSpec option) {
    OptionSpec inherited = withdraw(spec, option);
    spec.addOption(OptionSpec.builder(inherited).scopeType(ScopeType.LOCAL).hidden(true).build());
  }
}
