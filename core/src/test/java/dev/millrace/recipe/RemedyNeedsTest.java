package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.learn.remedy.Cassle;
import dev.millrace.refusal.UsageException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What remedies need of each other, of memory and of the method, and that the mend works. */
class RemedyNeedsTest {
  private static Settings settings(String words) {
    Map<String, Object> changes = new HashMap<>();
    for (String word : words.strip().split(" ", -1)) {
      String[] pair = word.split("=", 2);
      changes.put(pair[0], pair[1]);
    }
    return Settings.defaults("generated:images=64").with(changes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lump=0.4 | --lump (LUMP) needs pictures of past chunks | lump=0.4 memory-images=256",
        "lump=0.4 method=supervised replay=0.1 | --lump mixes pictures of different classes | method=supervised replay=0.1",
        "der=1 replay=0.1 | --der needs replayed pictures of a number | der=1 memory-images=256",
        "der=1 lump=1 memory-images=9 | --der needs replayed pictures in its batches, and --lump | der=1 memory-images=9",
        "osiris=1 | --osiris (Osiris-R) needs pictures of past chunks | osiris=1 replay=0.1",
        "osiris=1 replay=0.1 method=supervised | --osiris looks at the embeddings | replay=0.1 method=supervised",
        "cla=1 cla-form=e | --cla-form needs replayed pictures; | cla=1 cla-form=e replay=0.1",
        "cla=1 cla-form=r replay=0.1 | --cla-form needs replayed pictures of a number | cla=1 cla-form=r memory-images=9",
        "cla=1 method=supervised | --cla looks at the embeddings | method=supervised",
        "pnr=1 method=nnclr | --pnr is of moco-v2, simclr, byol, barlow-twins and vicreg, and --method is nnclr | pnr=1 method=vicreg",
        "pnr=1 pnr-negative=0.5 method=simclr | --pnr-negative 0.5 keeps predictions | pnr=1 method=simclr",
        "pnr=0.5 method=vicreg | --pnr 0.5 beside --method vicreg | pnr=0.5 pnr-negative=0.4 method=vicreg",
        "pnr=1 pnr-negative=1.5 invariance=1 method=vicreg | --pnr 1.0 beside --method vicreg | pnr=2 pnr-negative=1.5 invariance=1 method=vicreg",
        "ewc=1 ewc-images=1 | --ewc-images 1 is a batch of one picture | ewc=1 ewc-images=2",
        "memory=minred memory-bytes=900 | --memory minred holds a number | memory=minred memory-bytes=900 memory-images=9",
        "memory=share memory-images=9 | --memory share keeps a share | memory=share replay=0.1",
        "memory=minred memory-images=9 der=1 | --memory minred does not serve --der | memory=fifo memory-images=9 der=1",
      })
  void whatCannotBeHadIsRefusedByNameAndTheMendWorks(String wrong, String words, String mended) {
    assertThatThrownBy(() -> RemedyParts.check(settings(wrong)))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(words);
    assertThatCode(() -> RemedyParts.check(settings(mended))).doesNotThrowAnyException();
  }

  @Test
  void everyMethodHasAFormOfCassleThatSomebodyChose() {
    for (String method : Methods.names()) {
      String words =
          "cassle=1 method=" + method + (method.equals("mae") ? " encoder=vit-tiny" : "");
      assertThat(RemedyNeeds.form(settings(words))).as(method).isNotEqualTo("auto");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pfr=1 | --pfr compares features",
        "der=1 memory-images=9 | --der compares features",
        "memory=minred memory-images=9 | --memory minred compares features",
      })
  void featuresOfAPartOfEachPictureAreComparedWithNoneOfTheWholeInARunThatBegins(
      String remedy, String words) {
    Settings masked = settings(remedy + " method=mae encoder=vit-tiny");
    assertThatThrownBy(() -> RemedyParts.check(masked))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(words)
        .hasMessageContaining("--method mae");
    assertThatCode(() -> RemedyParts.check(settings(remedy + " method=dino encoder=vit-tiny")))
        .doesNotThrowAnyException();
    assertThatCode(() -> RemedyParts.heads(masked))
        .as("what an older version began is wired")
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lump=1 memory-images=9 | replay-draw=half | --replay-draw half draws pictures into batches, and --lump",
        "replay=0.1 batch=7 | replay-draw=eighth | --replay-draw eighth of a --batch of 7 is no picture; leave it out",
        "cla=1 cla-form=r memory-images=9 | cla-momentum=0.9 | --cla-momentum 0.9 is of a moving average, and --cla-form r",
        "cassle=1 method=byol | cassle-temperature=0.5 | --cassle-temperature 0.5 is of --cassle-form contrastive, and the form beside --method byol is predictive",
        "cassle=1 cassle-form=invariant | cassle-temperature=0.5 | --cassle-temperature 0.5 is of --cassle-form contrastive",
        "method=dino teacher-warmup=0 | teacher-start=0.04 | --teacher-start 0.04 is where the rise begins, and --teacher-warmup 0",
        "method=mae encoder=vit-tiny | solarise=0,0.2 | --solarise [0.0, 0.2] has a value for a second view, and --method mae",
        "method=mae encoder=vit-tiny | grey-probability=0.1 | --grey-probability 0.1 changes colours, which --method mae leaves alone",
        "stream=joint | order-square=true | --order-square true is of streams whose order is drawn, and --stream joint has one chunk",
        "stream=given | order-square=true | --order-square true is of streams whose order is drawn, and --stream given has that of --data",
        "stream=joint | own-classes=true | --own-classes true is of several sets, and --data names one",
        "norm-parts=8 batch=64 | bn-splits=8 | --bn-splits 8 leaves fewer than 2 pictures of each of the 8 parts of --batch 64 that --norm-parts normalises by themselves; expected 1 to 4",
        "norm-parts=32 batch=64 | bn-splits=2 | --bn-splits 2 leaves fewer than 2 pictures of each of the 32 parts of --batch 64 that --norm-parts normalises by themselves; leave it out",
        "optimiser=adamw | eta-lars=0.001 | --eta-lars 0.001 is of --optimiser lars, and it is adamw",
        "optimiser=lars | adamw-betas=0.9,0.95 | --adamw-betas [0.9, 0.95] are of --optimiser adamw, and it is lars",
        "method=supervised | blur-probability=1,0.1 | --blur-probability [1.0, 0.1] has a value for a second view",
      })
  void whatNothingOfARunLooksAtIsRefusedWithTheReasonAndTheUsualPasses(
      String run, String without, String words) {
    assertThatThrownBy(() -> WithoutEffect.check(typed(run + " " + without)))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(words);
    assertThatCode(() -> WithoutEffect.check(typed(run))).doesNotThrowAnyException();
    assertThatCode(() -> RemedyParts.heads(typed(run + " " + without)))
        .as("what an older version began is wired")
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replay=0.1 replay-draw=half",
        "norm-parts=8 batch=64 bn-splits=4",
        "bn-splits=32 batch=64",
        "replay=0.1 replay-draw=eighth batch=8",
        "cla=1 cla-momentum=0.9",
        "cassle=1 cassle-temperature=0.5",
        "method=dino teacher-start=0.04",
        "method=simclr solarise=0,0.2",
        "optimiser=lars eta-lars=0.001",
        "encoder=vit-tiny adamw-betas=0.9,0.95",
        "method=supervised solarise=0.2"
      })
  void whatARunLooksAtIsTaken(String run) {
    assertThatCode(() -> WithoutEffect.check(typed(run))).doesNotThrowAnyException();
  }

  /** Words as flags have them: numbers with commas are lists. */
  private static Settings typed(String words) {
    Map<String, Object> changes = new HashMap<>();
    for (String word : words.strip().split(" ", -1)) {
      String[] pair = word.split("=", 2);
      boolean list = pair[0].matches("solarise|blur-probability|adamw-betas");
      changes.put(pair[0], list ? List.of(pair[1].split(",")) : pair[1]);
    }
    return Settings.defaults("generated:images=64").with(changes);
  }

  @ParameterizedTest
  @CsvSource({
    "moco-v2,contrastive",
    "simclr,contrastive",
    "byol,predictive",
    "swav,assigned",
    "dino,assigned"
  })
  void cassleComparesAsTheMethodDoesWhereNothingElseIsSaid(String method, String form) {
    assertThat(RemedyNeeds.form(settings("cassle=1 method=" + method))).isEqualTo(form);
    assertThat(RemedyNeeds.form(settings("cassle=1 cassle-form=invariant method=" + method)))
        .isEqualTo("invariant");
  }

  @ParameterizedTest
  @CsvSource({
    "method=simclr, 1",
    "method=vicreg, 0.04",
    "method=vicreg invariance=25, 1",
    "method=vicreg cassle-form=invariant, 1",
    "method=barlow-twins, 0.1",
    "method=barlow-twins loss-scale=0.1, 1",
    "method=lejepa, 0.0095"
  })
  void cassleWeighsBesideTheMethodsLossWhatItWeighsBesideThePublishedOne(
      String words, double weight) {
    Settings begun = RemedyNeeds.decided(settings("cassle=1 " + words));
    assertThat((Double) begun.asMap().get("cassle")).isCloseTo(weight, within(1e-12));
    assertThat(begun.asMap().get("cassle-form")).isNotEqualTo("auto");
    assertThat(RemedyNeeds.decided(begun)).as("decided once").isEqualTo(begun);
  }

  @Test
  void whatIsLeftToTheMethodAndWhatIsNamedAreOneRunWhereTheyComputeTheSame() {
    Settings open = settings("cassle=1 method=vicreg");
    Settings named = settings("cassle=1 cassle-form=invariant method=vicreg");
    Settings same = settings("cassle=0.04 cassle-form=invariant method=vicreg");
    assertThat(SettingsV1.training(open)).isEqualTo(SettingsV1.training(same));
    assertThat(SettingsV1.training(open)).isNotEqualTo(SettingsV1.training(named));
    assertThat(SettingsV1.digest(RemedyNeeds.decided(open))).isEqualTo(SettingsV1.digest(same));
  }

  @Test
  void aRunFromBeforeTheFormWasWrittenDownGoesOnWithItsWeight() {
    Settings older = settings("cassle=1 method=vicreg");
    Settings named = settings("cassle=1 cassle-form=invariant method=vicreg");
    assertThat(SettingsV1.digest(older)).isEqualTo(SettingsV1.digest(named));
    Cassle.Settings own = (Cassle.Settings) older.remedies().get(0);
    assertThat(RemedyNeeds.decided(own, older)).isEqualTo(named.remedies().get(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cassle=1 method=vicreg invariance=0 | --cassle 1.0: --invariance 0 compares no views | cassle=1 cassle-form=invariant method=vicreg invariance=0",
        "cassle=1 method=lejepa sigreg=1 | --cassle 1.0: --sigreg 1 compares no views | cassle=1 cassle-form=invariant method=lejepa sigreg=1",
        "pnr=1 method=vicreg invariance=0 | --pnr weighs what VICReg's invariance weighs, and --invariance is 0 | method=vicreg invariance=0",
      })
  void aLossThatComparesNoViewsGivesARemedyNoWeightAndOnlyARunThatBeginsIsRefused(
      String wrong, String found, String mended) {
    Settings begun = settings(wrong);
    assertThatThrownBy(() -> RemedyNeeds.requireWeight(RemedyNeeds.decided(begun)))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(found);
    assertThatCode(() -> RemedyNeeds.requireWeight(settings(mended))).doesNotThrowAnyException();
    assertThatCode(() -> RemedyParts.requireWired(begun))
        .as("what an older version began is wired")
        .doesNotThrowAnyException();
    assertThat(SettingsV1.training(begun)).as("and known in a study").isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "method=byol, 0.5",
    "method=byol pnr=0.2, 0.5",
    "method=barlow-twins, 0.1",
    "method=barlow-twins loss-scale=0.1, 1",
    "method=vicreg, 0.92",
    "method=vicreg invariance=25 pnr=3, 23",
    "method=vicreg pnr-negative=0.1, 0.1"
  })
  void pnrKeepsPredictionsApartByThePapersWeightUnlessAnotherIsGiven(String words, double weight) {
    Settings begun = RemedyNeeds.decided(settings("pnr=1 " + words));
    assertThat((Double) begun.asMap().get("pnr-negative")).isCloseTo(weight, within(1e-12));
    assertThat(RemedyNeeds.decided(begun)).as("decided once").isEqualTo(begun);
  }

  @Test
  void aRunOfPnrFromBeforeThatWeightWasASettingGoesOnAndIsTheSameWhereItComputesTheSame() {
    Map<String, Object> older = new HashMap<>(settings("pnr=1 method=byol").asMap());
    older.remove("pnr-negative");
    Settings written = SettingsV1.written(older);
    assertThat(written.asMap()).containsEntry("pnr-negative", "auto");
    Settings begun = RemedyNeeds.decided(settings("pnr=1 method=byol"));
    assertThat(SettingsV1.digest(written)).isEqualTo(SettingsV1.digest(begun));
    assertThat(SettingsV1.training(written)).doesNotContainKey("pnr-negative");
    assertThat(SettingsV1.digest(settings("pnr=0.2 method=byol")))
        .as("at another weight it computes another loss")
        .isNotEqualTo(SettingsV1.digest(RemedyNeeds.decided(settings("pnr=0.2 method=byol"))));
  }

  @Test
  void aMixedViewCountsAsTheBatchsPictureInARunFromBeforeThatWasASetting() {
    Map<String, Object> older = new HashMap<>(settings("lump=0.4 memory-images=9").asMap());
    older.remove("lump-picture");
    Settings written = SettingsV1.written(older);
    assertThat(written.asMap()).containsEntry("lump-picture", "batch");
    assertThat(SettingsV1.training(written)).doesNotContainKey("lump-picture");
    Settings now = settings("lump=0.4 memory-images=9");
    assertThat(SettingsV1.training(now)).containsEntry("lump-picture", "nearer");
    assertThat(SettingsV1.training(settings("lump=0.4 memory-images=9 method=simclr")))
        .as("whose loss does not ask")
        .doesNotContainKey("lump-picture");
  }

  @Test
  void aStudyThatNamesARemedyOfRememberedPicturesGivesItAMemory() {
    RemedyParts.usual()
        .forEach(
            (name, changes) ->
                assertThatCode(
                        () ->
                            RemedyParts.check(
                                Settings.defaults("generated:images=64").with(changes)))
                    .as(name)
                    .doesNotThrowAnyException());
  }
}
