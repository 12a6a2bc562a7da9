package dev.millrace.app.study;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.launch.ParentWatch;
import dev.millrace.study.Job;
import dev.millrace.study.OneRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The process of one run; {@link StudyRun} starts it, nobody else. */
@Command(name = "one", hidden = true, description = "Makes one run of a study.")
final class StudyOne extends ComputingCommand implements Callable<Integer> {
  @Parameters(paramLabel = "JOB", description = "file that says what to do")
  private Path job;

  @Override
  public Integer call() throws IOException {
    StopSignals stop = StopSignals.listenAsChild();
    ParentWatch.begin(System.in, stop::ask);
    return OneRun.work(Job.read(job), stop, System.out) ? 0 : Exit.STOPPED;
  }
}
