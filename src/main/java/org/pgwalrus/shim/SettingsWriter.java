package org.pgwalrus.shim;

import java.util.List;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Setting.Check;
import org.pgwalrus.backend.Setting.Context;
import org.pgwalrus.backend.Settings;

/** Writes the variables of the settings and their registration. */
final class SettingsWriter {

  private final List<Setting> settings;

  SettingsWriter(List<Setting> settings) {
    this.settings = settings;
  }

  String declarations() {
    StringBuilder out = new StringBuilder();
    for (Setting setting : settings) {
      out.append("extern ").append(variable(setting)).append(";\n");
    }
    return out.toString();
  }

  /** The prototypes of the check hooks that settings name. */
  static String checks() {
    StringBuilder out = new StringBuilder();
    for (Check check : Check.values()) {
      if (check != Check.NONE) {
        String type = check == Check.HEADROOM ? "double *" : "char **";
        out.append("extern bool ").append(check.function()).append('(').append(type);
        out.append("newval, void **extra, GucSource source);\n");
      }
    }
    return out.toString();
  }

  String definitions() {
    StringBuilder out = new StringBuilder();
    for (Setting setting : settings) {
      out.append(variable(setting)).append(" = ").append(initialValue(setting)).append(";\n");
    }
    for (Setting setting : settings) {
      if (setting instanceof Setting.Choice choice) {
        out.append('\n').append(options(choice));
      }
    }
    return out.toString();
  }

  /** The registration: what only a starting server may define comes last, under its condition. */
  String registration() {
    StringBuilder out = new StringBuilder();
    out.append("void\nwalrus_define_settings(void)\n{\n");
    appendAll(out, Context.SIGHUP);
    appendAll(out, Context.SUSET);
    out.append("\n\t/* Elsewhere the server would end the session: leave the rest undefined. */\n");
    out.append("\tif (!process_shared_preload_libraries_in_progress)\n\t\treturn;\n\n");
    appendAll(out, Context.POSTMASTER);
    for (String prefix : Settings.PREFIXES) {
      out.append("\n\tMarkGUCPrefixReserved(").append(CText.literal(prefix)).append(");");
    }
    return out.append("\n}\n").toString();
  }

  private void appendAll(StringBuilder out, Context context) {
    for (Setting setting : settings) {
      if (setting.about().context() == context) {
        out.append(define(setting));
      }
    }
  }

  private static String variable(Setting setting) {
    String type =
        switch (setting) {
          case Setting.Bool _ -> "bool ";
          case Setting.Int _, Setting.Choice _ -> "int ";
          case Setting.Real _ -> "double ";
          case Setting.Text _ -> "char *";
        };
    return type + CText.variable(setting);
  }

  private static String initialValue(Setting setting) {
    return switch (setting) {
      case Setting.Bool bool -> String.valueOf(bool.defaultValue());
      case Setting.Int number -> String.valueOf(number.defaultValue());
      case Setting.Real number -> String.valueOf(number.defaultValue());
      case Setting.Choice _ -> "0";
      case Setting.Text _ -> "NULL";
    };
  }

  private static String options(Setting.Choice choice) {
    StringBuilder out = new StringBuilder();
    out.append("static const struct config_enum_entry ").append(optionsName(choice));
    out.append("[] = {\n");
    for (int i = 0; i < choice.values().size(); i++) {
      String value = CText.literal(choice.values().get(i));
      out.append("\t{").append(value).append(", ").append(i).append(", false},\n");
    }
    return out.append("\t{NULL, 0, false}\n};\n").toString();
  }

  private static String optionsName(Setting.Choice choice) {
    return CText.variable(choice) + "_options";
  }

  private static String define(Setting setting) {
    String specific =
        switch (setting) {
          case Setting.Bool bool -> String.valueOf(bool.defaultValue());
          case Setting.Int number ->
              number.defaultValue() + ", " + number.min() + ", " + number.max();
          case Setting.Real number ->
              number.defaultValue() + ", " + number.min() + ", " + number.max();
          case Setting.Choice choice -> "0, " + optionsName(choice);
          case Setting.Text text -> CText.literal(text.defaultValue());
        };
    String kind =
        switch (setting) {
          case Setting.Bool _ -> "Bool";
          case Setting.Int _ -> "Int";
          case Setting.Real _ -> "Real";
          case Setting.Choice _ -> "Enum";
          case Setting.Text _ -> "String";
        };
    String indent = "\t\t\t\t\t\t\t";
    return "\tDefineCustom"
        + kind
        + "Variable("
        + CText.literal(setting.name())
        + ",\n"
        + indent
        + CText.literal(setting.about().summary())
        + ",\n"
        + indent
        + CText.literal(setting.about().description())
        + ",\n"
        + indent
        + "&"
        + CText.variable(setting)
        + ", "
        + specific
        + ",\n"
        + indent
        + "PGC_"
        + setting.about().context()
        + ", "
        + flags(setting)
        + ", "
        + setting.check().function()
        + ", NULL, NULL);\n";
  }

  private static String flags(Setting setting) {
    String unit = setting instanceof Setting.Int number ? number.unit().flag() : "";
    String secret = setting.about().superuserOnly() ? "GUC_SUPERUSER_ONLY" : "";
    String both = unit.isEmpty() || secret.isEmpty() ? unit + secret : unit + " | " + secret;
    return both.isEmpty() ? "0" : both;
  }
}
