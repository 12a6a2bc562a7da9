package dev.millrace.live.source;

import dev.millrace.file.HeldBytes;
import io.javalin.http.Context;

/** What a server that has its answer has not read of a request. Stateless. */
public final class UnreadBody {
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  private UnreadBody() {}

  /**
   * Else who sends more than is read hears of a broken pipe, and not the answer. Strangers hold no
   * thread by it, and who asks before it sends need not send.
   *
   * @param request whose status is set
   * @param most bytes that are read; who sends more is cut off
   */
  public static void hearOut(Context request, long most) {
    int code = request.statusCode();
    if (code != UNAUTHORIZED && code != FORBIDDEN && request.header("Expect") == null) {
      HeldBytes.discard(request.bodyInputStream(), most);
    }
  }
}
