/*
 * The table of options, and what sets each of them.
 */

#include "crm_worker_option.h"

#include "state/crm_keys.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>


#define FLAG        CRM_WORKER_OPTION_FLAG
#define ONE         CRM_WORKER_OPTION_ONE
#define MANY        CRM_WORKER_OPTION_MANY

#define AT(member)  offsetof(crm_worker_config_t, member)
#define MEMBER(type, config, option)                                          \
    ((type *) (void *) ((char *) (config) + (option)->offset))

/* How wrong a name may be and still be guessed. */
#define OPTION_GUESS  2


static crm_status_t set_flag(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_redis(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_org(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_url(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_tls(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_text(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_secret(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_path(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_directory(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_env(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_private(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_foreign(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_number(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_time(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_schedule(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t set_level(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
static crm_status_t option_bad(crm_error_t *err,
    const crm_worker_option_t *option, crm_str_t value, const char *want);
static crm_status_t option_list(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_worker_config_list_t *list,
    crm_str_t value, crm_error_t *err);
static crm_status_t option_keep(crm_worker_config_t *config, crm_str_t *to,
    crm_str_t value, crm_error_t *err);


/* Times have least and most in seconds. */
static const crm_worker_option_t  options[] = {

    { "redis", ONE, 1, set_redis, 0, NULL, 0, 0, "URL",
      "unix:PATH[:/DB] or redis://[USER@]HOST[:PORT][/DB]; required" },

    { "redis-password-file", ONE, 1, set_path,
      AT(redis_password_file), NULL, 0, 0, "FILE",
      "its first line is the password of Redis" },

    { "org", MANY, 1, set_org, 0, NULL, 0, 0, "NAME",
      "an organisation to serve; without any, all of crm:orgs" },

    { "backend", ONE, 1, set_url, AT(backend), NULL, 0, 0, "URL",
      "where records are read back: the guarded location as nginx serves it,"
      " with the API's version" },

    { "smtp", ONE, 1, set_url, AT(smtp), NULL, 0, 0, "URL",
      "the mail relay, smtp:// (with STARTTLS) or smtps://; without it no"
      " mail is sent" },

    { "smtp-tls", ONE, 1, set_tls, 0, "required", 0, 0, "required|none",
      "none: plain to an smtp:// relay" },

    { "smtp-user", ONE, 1, set_text, AT(smtp_user), NULL, 0, 0, "NAME",
      "who logs in at the relay; takes --smtp-password" },

    { "smtp-password", ONE, 1, set_secret, AT(smtp_password), NULL, 0, 0,
      "SECRET", "env:NAME or file:NAME, see --secret-env and --secrets" },

    { "mail-limit", ONE, 1, set_number, AT(mail_limit), NULL, 1, 10000000,
      "N", "mails of an organisation a day, instead of 300 for each active"
      " user" },

    { "chain-key-file", ONE, 1, set_path, AT(chain_key_file), NULL,
      0, 0, "FILE", "the key that nginx has as crm_chain_key_file" },

    { "secrets", ONE, 1, set_directory, AT(secrets), NULL, 0, 0,
      "DIR", "where secrets named file:NAME lie" },

    { "secret-env", MANY, 1, set_env, 0, NULL, 0, 0, "NAME",
      "an environment variable that env:NAME may name" },

    { "allow-private", MANY, 1, set_private, 0, NULL, 0, 0,
      "CIDR[:PORT]", "private addresses that webhooks may reach" },

    { "accept-foreign", ONE, 1, set_foreign, 0, NULL, 0, 0, "records",
      "what jobs that no commit wrote may do" },

    { "ca-file", ONE, 1, set_path, AT(ca_file), NULL, 0, 0, "FILE",
      "certificates to trust instead of the system's" },

    { "concurrency", ONE, 1, set_number, AT(concurrency), "50",
      1, 1000, "N", "deliveries at once, 1 to 1000" },

    { "endpoint-limit", ONE, 1, set_number, AT(endpoint_limit), NULL,
      1, 1000, "N", "deliveries at once to one endpoint, 1 to 1000; without"
      " it 4, and at most a tenth of --concurrency" },

    { "endpoint-rate", ONE, 1, set_number, AT(endpoint_rate), "10",
      0, 10000, "N", "deliveries a second to one endpoint, twice as many"
      " after a rest; 0: any number" },

    { "timeout", ONE, 1, set_time, AT(timeout_ms), "20s", 1, 30,
      "TIME", "of a whole delivery, 1s to 30s" },

    { "lease", ONE, 1, set_time, AT(lease_ms), "60s", 1, 3600,
      "TIME", "after which another worker may take a job, 1s to 1h" },

    { "drain", ONE, 1, set_time, AT(drain_ms), "30s", 0, 600,
      "TIME", "for deliveries under way at SIGTERM, 0 to 10m" },

    { "retry-schedule", ONE, 1, set_schedule, 0,
      "5s,5m,30m,2h,5h,10h,14h,20h,24h", 0, 0, "LIST",
      "waits before each next attempt" },

    { "log-level", ONE, 1, set_level, 0, "info", 0, 0, "LEVEL",
      "error, warn, notice, info or debug" },

    { "config", ONE, 0, set_path, AT(file), NULL, 0, 0, "FILE",
      "lines of NAME VALUE, the names as here; # begins a comment" },

    { "once", FLAG, 0, set_flag, AT(once), NULL, 0, 0, NULL,
      "deliver what is due, then exit" },

    { "version", FLAG, 0, set_flag, AT(version), NULL, 0, 0, NULL,
      "print the version and exit" },

    { "help", FLAG, 0, set_flag, AT(help), NULL, 0, 0, NULL,
      "print this and exit" }
};

#define N_OPTIONS  (sizeof(options) / sizeof(options[0]))


unsigned
crm_worker_option_count(void)
{
    return N_OPTIONS;
}


const crm_worker_option_t *
crm_worker_option_at(unsigned index)
{
    return &options[index];
}


int
crm_worker_option_find(crm_str_t name, const char *dashes, crm_error_t *err)
{
    int          shown;
    unsigned     i;
    const char  *guess;

    guess = NULL;

    for (i = 0; i < N_OPTIONS; i++) {
        if (crm_str_is(name, options[i].name)) {
            return (int) i;
        }

        if (guess == NULL
            && crm_str_distance(name, crm_strz(options[i].name), OPTION_GUESS)
               <= OPTION_GUESS)
        {
            guess = options[i].name;
        }
    }

    shown = (int) (name.len > 60 ? 60 : name.len);

    if (guess != NULL) {
        crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "unknown option \"%s%.*s\"; did you mean %s%s?",
                      dashes, shown, name.data, dashes, guess);

    } else {
        crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "unknown option \"%s%.*s\"; see crm-worker --help",
                      dashes, shown, name.data);
    }

    return -1;
}


void
crm_worker_config_usage(FILE *out)
{
    char                        name[40];
    unsigned                    i;
    const crm_worker_option_t  *option;

    fputs("Usage: crm-worker --redis URL [OPTION]...\n"
          "Delivers what the CRM's rules have queued in Redis.\n\n", out);

    for (i = 0; i < N_OPTIONS; i++) {
        option = &options[i];
        snprintf(name, sizeof(name), "--%s %s", option->name,
                 option->value ? option->value : "");
        fprintf(out, "  %-29s %s", name, option->text);

        if (option->fallback != NULL) {
            fprintf(out, "\n%32s(default %s)", "", option->fallback);
        }

        fputs(option->kind == MANY ? "; may be repeated\n" : "\n", out);
    }

    fputs("\nExit status: 0 done, 1 failure, 64 wrong use.\n", out);
}


static crm_status_t
set_flag(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    (void) value;
    (void) err;

    *MEMBER(int, config, option) = 1;

    return CRM_OK;
}


static crm_status_t
set_redis(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    crm_error_t   inner;
    crm_status_t  rc;

    (void) option;

    rc = crm_redis_url_parse(&config->redis, value, config->pool, &inner);
    if (rc != CRM_OK) {
        crm_error_set(err, rc, CRM_NO_OFFSET, "", "--redis: %s", inner.text);
    }

    return rc;
}


static crm_status_t
set_org(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    if (!crm_org_valid(value)) {
        return option_bad(err, option, value,
                          "1 to 64 letters, digits, \"_\", \".\" or \"-\"");
    }

    return option_list(config, option, &config->orgs, value, err);
}


/* smtp takes the schemes of mail, backend those of the web. */
static crm_status_t
set_url(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    int          good, mail;
    char        *scheme, *user;
    CURLU       *url;
    CURLUcode    rc;
    const char  *want;

    mail = option->offset == AT(smtp);
    want = mail ? "an address such as smtp://127.0.0.1:25, without a user"
                : "an address such as http://127.0.0.1:8080/crm/v8, "
                  "without a user";
    scheme = NULL;
    user = NULL;

    url = curl_url();
    if (url == NULL) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    rc = curl_url_set(url, CURLUPART_URL, value.data,
                      CURLU_NON_SUPPORT_SCHEME);

    good = rc == CURLUE_OK
           && curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
           && curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK
           && (mail ? strcmp(scheme, "smtp") == 0
                      || strcmp(scheme, "smtps") == 0
                    : strcmp(scheme, "http") == 0
                      || strcmp(scheme, "https") == 0);

    curl_free(scheme);
    curl_free(user);
    curl_url_cleanup(url);

    if (!good) {
        return option_bad(err, option, value, want);
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


static crm_status_t
set_tls(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    if (!crm_str_is(value, "required") && !crm_str_is(value, "none")) {
        return option_bad(err, option, value, "\"required\" or \"none\"");
    }

    config->smtp_plain = crm_str_is(value, "none");

    return CRM_OK;
}


static crm_status_t
set_text(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    if (value.len == 0 || value.len > 254) {
        return option_bad(err, option, value, "1 to 254 bytes");
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


/* A password has no place on a command line. */
static crm_status_t
set_secret(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    if (value.len > 128 || value.len < 5
        || (memcmp(value.data, "env:", 4) != 0
            && memcmp(value.data, "file:", 5) != 0))
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "--%s: write the name of a secret, env:NAME or "
                             "file:NAME, not the secret itself",
                             option->name);
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


static crm_status_t
set_path(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    if (value.len == 0) {
        return option_bad(err, option, value, "the path of a file");
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


static crm_status_t
set_directory(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    struct stat  st;

    if (value.len == 0 || stat(value.data, &st) != 0 || !S_ISDIR(st.st_mode)) {
        return option_bad(err, option, value, "a directory that exists");
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


static crm_status_t
set_env(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    static const char  first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz_";
    static const char  digits[] = "0123456789";
    size_t             i;

    for (i = 0; i < value.len; i++) {
        if (strchr(first, value.data[i]) == NULL
            && (i == 0 || strchr(digits, value.data[i]) == NULL))
        {
            break;
        }
    }

    if (i == 0 || i < value.len) {
        return option_bad(err, option, value,
                          "the name of an environment variable");
    }

    return option_list(config, option, &config->secret_env, value, err);
}


static crm_status_t
set_private(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    crm_error_t   inner;
    crm_status_t  rc;

    rc = crm_worker_guard_allow(&config->guard, value.data, &inner);
    if (rc != CRM_OK) {
        crm_error_set(err, rc, CRM_NO_OFFSET, "", "--%s: %s", option->name,
                      inner.text);
    }

    return rc;
}


static crm_status_t
set_foreign(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    if (!crm_str_is(value, "records")) {
        return option_bad(err, option, value, "\"records\"");
    }

    config->accept_foreign_records = 1;

    return CRM_OK;
}


static crm_status_t
set_number(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    char    want[64];
    long    n;
    size_t  i;

    n = 0;

    for (i = 0; i < value.len && n <= option->most; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            break;
        }

        n = n * 10 + (value.data[i] - '0');
    }

    if (i == 0 || i < value.len || n < option->least || n > option->most) {
        snprintf(want, sizeof(want), "a number from %ld to %ld",
                 option->least, option->most);
        return option_bad(err, option, value, want);
    }

    *MEMBER(unsigned, config, option) = (unsigned) n;

    return CRM_OK;
}


static crm_status_t
set_time(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    char     want[64];
    int64_t  ms;

    if (crm_worker_config_time(&ms, value) != CRM_OK
        || ms < option->least * 1000LL || ms > option->most * 1000LL)
    {
        snprintf(want, sizeof(want), "a time from %lds to %lds such as 20s",
                 option->least, option->most);
        return option_bad(err, option, value, want);
    }

    *MEMBER(int64_t, config, option) = ms;

    return CRM_OK;
}


/* A schedule of one's own is taken as written: it has no floor of 60 s. */
static crm_status_t
set_schedule(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    size_t       i, start;
    int64_t      ms;
    crm_retry_t  retry;

    retry.count = 0;
    retry.busy_ms = 0;

    for (i = 0; i <= value.len; i++) {
        for (start = i; i < value.len && value.data[i] != ','; i++) {
            /* void */
        }

        if (retry.count == CRM_RETRY_MAX_STEPS
            || crm_worker_config_time(&ms,
                                      crm_str(value.data + start, i - start))
               != CRM_OK
            || ms > CRM_RETRY_MAX_DELAY_MS)
        {
            return option_bad(err, option, value,
                              "up to 32 times up to 24h, such as 5s,5m,2h");
        }

        retry.steps_ms[retry.count++] = ms;
    }

    config->retry = retry;

    return CRM_OK;
}


static crm_status_t
set_level(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_str_t value, crm_error_t *err)
{
    if (!crm_worker_log_parse_level(&config->log_level, value.data)) {
        return option_bad(err, option, value,
                          "error, warn, notice, info or debug");
    }

    return CRM_OK;
}


static crm_status_t
option_bad(crm_error_t *err, const crm_worker_option_t *option,
    crm_str_t value, const char *want)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "--%s: \"%.60s\" is not %s", option->name,
                         value.data, want);
}


static crm_status_t
option_list(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_worker_config_list_t *list, crm_str_t value, crm_error_t *err)
{
    unsigned  i;

    for (i = 0; i < list->count; i++) {
        if (crm_str_eq(list->items[i], value)) {
            return CRM_OK;
        }
    }

    if (list->count == CRM_WORKER_CONFIG_MAX_LIST) {
        return crm_error_set(err, CRM_ELIMIT, CRM_NO_OFFSET, "",
                             "--%s is repeated more than %d times",
                             option->name, CRM_WORKER_CONFIG_MAX_LIST);
    }

    return option_keep(config, &list->items[list->count++], value, err);
}


static crm_status_t
option_keep(crm_worker_config_t *config, crm_str_t *to, crm_str_t value,
    crm_error_t *err)
{
    *to = crm_pool_dup(config->pool, value);

    if (to->data == NULL) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    return CRM_OK;
}
