# docker build -t millrace .
# docker run --rm -u "$(id -u)" -v "$PWD:/work" millrace pretrain --data photos --stream instance
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN mvn -B -ntp -Passembly -DskipTests -pl app -am package \
    && mkdir /opt/millrace \
    && tar -xzf app/target/millrace-*.tar.gz -C /opt/millrace --strip-components=1

# docker/try.sh goes through what follows in a bare root of the same system.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/millrace /opt/millrace
COPY docker/settle.sh /opt/millrace/settle.sh
# Any user may run it, also one without a home.
ENV LC_ALL=C.UTF-8 \
    MILLRACE_CACHE=/var/cache/millrace/sets \
    MILLRACE_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=/var/cache/millrace/natives
RUN /opt/millrace/settle.sh
WORKDIR /work
ENTRYPOINT ["millrace"]
