package org.pgwalrus.shim;

import java.util.StringJoiner;
import org.pgwalrus.backend.Call;
import org.pgwalrus.backend.Call.Argument;
import org.pgwalrus.backend.Request;

/** Writes a prototype and a thunk for every call, and the table of thunks that the guard enters. */
final class CallsWriter {

  private CallsWriter() {}

  static String prototypes() {
    StringBuilder out = new StringBuilder();
    for (Call call : Call.values()) {
      StringJoiner types = new StringJoiner(", ");
      for (Argument argument : call.arguments()) {
        types.add(argument.cType());
      }
      String list = call.arguments().isEmpty() ? "void" : types.toString();
      out.append("extern void ").append(call.function());
      out.append('(').append(list).append(");\n");
    }
    return out.toString();
  }

  static String thunks() {
    StringBuilder out = new StringBuilder();
    for (Call call : Call.values()) {
      out.append("static void\n").append(thunk(call)).append("(WalrusFrame *frame)\n{\n");
      if (call.arguments().isEmpty()) {
        out.append("\t(void) frame;\n");
      }
      out.append('\t').append(call.function()).append('(').append(arguments(call));
      out.append(");\n}\n\n");
    }
    out.append("const WalrusThunk walrus_calls[] = {\n");
    for (Call call : Call.values()) {
      out.append('\t').append(thunk(call)).append(",\n");
    }
    out.append("};\n\nconst int walrus_call_count = lengthof(walrus_calls);\n");
    return out.toString();
  }

  /** What SQL functions may ask of the worker, in the order of {@link Request}. */
  static String requests() {
    StringBuilder out = new StringBuilder("const WalrusRequestKind walrus_requests[] = {\n");
    for (Request request : Request.values()) {
      out.append("\t{").append(CText.literal(request.sqlName()));
      String privileged = request.privileged();
      out.append(", ").append(privileged.isEmpty() ? "NULL" : CText.literal(privileged));
      out.append("},\n");
    }
    return out.append("};\n\nconst int walrus_request_count = lengthof(walrus_requests);\n")
        .toString();
  }

  private static String thunk(Call call) {
    return "call_" + call.function();
  }

  private static String arguments(Call call) {
    StringJoiner out = new StringJoiner(", ");
    int integers = 0;
    int texts = 0;
    int textResults = 0;
    for (Argument argument : call.arguments()) {
      out.add(
          switch (argument) {
            case INT -> "frame->arguments[" + integers++ + "]";
            case TEXT -> "frame->texts[" + texts++ + "]";
            case TEXT_RESULT -> "frame->texts[" + textResults++ + "]";
            case RESULTS -> "frame->results";
          });
    }
    return out.toString();
  }
}
