/*
 * The table of options.
 */

#include "crm_worker_option_set.h"

#include <stdio.h>


#define FLAG        CRM_WORKER_OPTION_FLAG
#define ONE         CRM_WORKER_OPTION_ONE
#define MANY        CRM_WORKER_OPTION_MANY

#define AT(member)  offsetof(crm_worker_config_t, member)
#define SET(what)   crm_worker_option_set_##what

/* How wrong a name may be and still be guessed. */
#define OPTION_GUESS  2


/* Times have least and most in seconds. */
static const crm_worker_option_t  options[] = {

    { "redis", ONE, 1, SET(redis), 0, NULL, 0, 0, "URL",
      "unix:PATH[:/DB] or redis://[USER@]HOST[:PORT][/DB]; required" },

    { "redis-password-file", ONE, 1, SET(path),
      AT(redis_password_file), NULL, 0, 0, "FILE",
      "its first line is the password of Redis" },

    { "org", MANY, 1, SET(org), 0, NULL, 0, 0, "NAME",
      "an organisation to serve; without any, all of crm:orgs" },

    { "backend", ONE, 1, SET(url), AT(backend), NULL, 0, 0, "URL",
      "where records are read back: the guarded location as nginx serves it,"
      " with the API's version" },

    { "smtp", ONE, 1, SET(url), AT(smtp), NULL, 0, 0, "URL",
      "the mail relay, smtp:// (with STARTTLS) or smtps://; without it no"
      " mail is sent" },

    { "smtp-tls", ONE, 1, SET(tls), 0, "required", 0, 0, "required|none",
      "none: plain to an smtp:// relay" },

    { "smtp-user", ONE, 1, SET(text), AT(smtp_user), NULL, 0, 0, "NAME",
      "who logs in at the relay; takes --smtp-password" },

    { "smtp-password", ONE, 1, SET(secret), AT(smtp_password), NULL, 0, 0,
      "SECRET", "env:NAME or file:NAME, see --secret-env and --secrets" },

    { "mail-limit", ONE, 1, SET(number), AT(mail_limit), NULL, 1, 10000000,
      "N", "mails of an organisation a day, instead of 300 for each active"
      " user" },

    { "chain-key-file", ONE, 1, SET(path), AT(chain_key_file), NULL,
      0, 0, "FILE", "the key that nginx has as crm_chain_key_file" },

    { "secrets", ONE, 1, SET(directory), AT(secrets), NULL, 0, 0,
      "DIR", "where secrets named file:NAME lie" },

    { "secret-env", MANY, 1, SET(env), 0, NULL, 0, 0, "NAME",
      "an environment variable that env:NAME may name" },

    { "allow-private", MANY, 1, SET(private), 0, NULL, 0, 0,
      "CIDR[:PORT]", "private addresses that webhooks may reach" },

    { "accept-foreign", ONE, 1, SET(foreign), 0, NULL, 0, 0, "records",
      "what jobs that no commit wrote may do" },

    { "ca-file", ONE, 1, SET(path), AT(ca_file), NULL, 0, 0, "FILE",
      "certificates to trust instead of the system's" },

    { "concurrency", ONE, 1, SET(number), AT(concurrency), "50",
      1, 1000, "N", "deliveries at once, 1 to 1000" },

    { "endpoint-limit", ONE, 1, SET(number), AT(endpoint_limit), NULL,
      1, 1000, "N", "deliveries at once to one endpoint, 1 to 1000; without"
      " it 4, and at most a tenth of --concurrency" },

    { "endpoint-rate", ONE, 1, SET(number), AT(endpoint_rate), "10",
      0, 10000, "N", "deliveries a second to one endpoint, twice as many"
      " after a rest; 0: any number" },

    { "timeout", ONE, 1, SET(time), AT(timeout_ms), "20s", 1, 30,
      "TIME", "of a whole delivery, 1s to 30s" },

    { "lease", ONE, 1, SET(time), AT(lease_ms), "60s", 1, 3600,
      "TIME", "after which another worker may take a job, 1s to 1h" },

    { "drain", ONE, 1, SET(time), AT(drain_ms), "30s", 0, 600,
      "TIME", "for deliveries under way at SIGTERM, 0 to 10m" },

    { "retry-schedule", ONE, 1, SET(schedule), 0,
      "5s,5m,30m,2h,5h,10h,14h,20h,24h", 0, 0, "LIST",
      "waits before each next attempt" },

    { "log-level", ONE, 1, SET(level), 0, "info", 0, 0, "LEVEL",
      "error, warn, notice, info or debug" },

    { "config", ONE, 0, SET(path), AT(file), NULL, 0, 0, "FILE",
      "lines of NAME VALUE, the names as here; # begins a comment" },

    { "once", FLAG, 0, SET(flag), AT(once), NULL, 0, 0, NULL,
      "deliver what is due, then exit" },

    { "version", FLAG, 0, SET(flag), AT(version), NULL, 0, 0, NULL,
      "print the version and exit" },

    { "help", FLAG, 0, SET(flag), AT(help), NULL, 0, 0, NULL,
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
