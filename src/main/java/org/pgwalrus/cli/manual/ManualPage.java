package org.pgwalrus.cli.manual;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of a command, in the macros of man(7). */
final class ManualPage {

  private final CommandLine command;
  private final CommandSpec spec;
  private final StringBuilder page = new StringBuilder();

  ManualPage(CommandLine command) {
    this.command = command;
    this.spec = command.getCommandSpec();
  }

  /** {@code steep-repl-snapshot-generate}. */
  String name() {
    return spec.qualifiedName("-");
  }

  String text() {
    String version = plain(spec.version()[0]);
    macro("TH", quoted(name().toUpperCase(java.util.Locale.ROOT)), "1", "\"\"", quoted(version));
    section("NAME");
    line(name() + " - " + String.join(" ", plain(spec.usageMessage().description())));
    section("SYNOPSIS");
    line(command.getHelp().synopsis(0).strip().replaceAll("\\s+", " "));
    arguments("ARGUMENTS", spec.positionalParameters());
    arguments("OPTIONS", options());
    footer();
    commands();
    exitCodes();
    connection();
    related();
    return page.toString();
  }

  private List<OptionSpec> options() {
    return spec.options().stream()
        .filter(option -> !option.hidden())
        .sorted(Comparator.comparing(OptionSpec::longestName))
        .toList();
  }

  private void arguments(String title, List<? extends ArgSpec> all) {
    if (all.isEmpty()) {
      return;
    }
    section(title);
    for (ArgSpec one : all) {
      item(
          switch (one) {
            case OptionSpec option -> String.join(", ", option.names()) + value(option);
            case PositionalParamSpec parameter -> parameter.paramLabel();
            default -> one.paramLabel();
          },
          String.join(" ", plain(one.description())));
    }
  }

  private void footer() {
    for (String text : plain(spec.usageMessage().footer())) {
      macro("PP");
      line(text.strip());
    }
  }

  private static String value(OptionSpec option) {
    return option.arity().max() == 0 || option.negatable() ? "" : " " + option.paramLabel();
  }

  private void commands() {
    if (command.getSubcommands().isEmpty()) {
      return;
    }
    section("COMMANDS");
    for (CommandLine one : own()) {
      item(
          one.getCommandName(),
          String.join(" ", plain(one.getCommandSpec().usageMessage().description())));
    }
  }

  /** Each once, though aliases name it again. */
  private Set<CommandLine> own() {
    return new LinkedHashSet<>(command.getSubcommands().values());
  }

  private void exitCodes() {
    section("EXIT STATUS");
    CommandSpec root = spec.root();
    root.usageMessage().exitCodeList().forEach((code, meaning) -> item(code, plain(meaning)));
  }

  private void connection() {
    section("ENVIRONMENT");
    line(
        "What --connection does not tell is taken from PGSERVICE, PGHOST, PGPORT, PGDATABASE,"
            + " PGUSER, PGPASSWORD, PGPASSFILE, PGSSLMODE and libpq's other variables, which mean"
            + " what they mean to psql; one that cannot be honoured, such as PGSSLCRL, is refused."
            + " STEEP_REPL_JAVA_HOME and JAVA_HOME name the Java runtime."
            + " With NO_COLOR nothing is colored.");
  }

  private void related() {
    List<String> others = new ArrayList<>();
    if (spec.parent() != null) {
      others.add(spec.parent().qualifiedName("-"));
    }
    own().stream()
        .filter(one -> !(one.getCommand() instanceof CommandLine.HelpCommand))
        .forEach(one -> others.add(one.getCommandSpec().qualifiedName("-")));
    if (!others.isEmpty()) {
      section("SEE ALSO");
      line(String.join(", ", others.stream().map(name -> name + "(1)").toList()));
    }
  }

  private void section(String title) {
    macro("SH", quoted(title));
  }

  private void item(String term, String text) {
    macro("TP");
    page.append("\\fB").append(escaped(term)).append("\\fR\n");
    line(text);
  }

  private void line(String text) {
    page.append(escaped(text)).append('\n');
  }

  private void macro(String name, String... arguments) {
    page.append('.').append(name);
    for (String argument : arguments) {
      page.append(' ').append(argument);
    }
    page.append('\n');
  }

  private static String quoted(String text) {
    return '"' + escaped(text) + '"';
  }

  /** A hyphen that can be copied; a dot or quote at the beginning would be a macro. */
  private static String escaped(String text) {
    String safe = text.replace("\\", "\\e").replace("-", "\\-");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }

  private String[] plain(String[] texts) {
    String[] all = new String[texts.length];
    for (int i = 0; i < texts.length; i++) {
      all[i] = plain(texts[i]);
    }
    return all;
  }

  private String plain(String text) {
    return Ansi.OFF.string(text);
  }
}
