/*
 * What doctor looks for in the nginx of this machine: whether it takes its
 * configuration and the module, and what that configuration names.
 *
 * nginx itself is asked: "nginx -T" loads the modules, compares their versions
 * and signatures, checks what our directives check, and prints all files. No
 * connection is made and no running nginx is disturbed.
 */

#include "crm_cli_doctor_nginx.h"
#include "crm_cli_print.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>


#define NGINX_WAIT_MS        20000
#define NGINX_POLL_MS        20
#define NGINX_MAX_OUTPUT     (16 * 1024 * 1024)

#define ADVICE_BUILD                                                          \
    "build the module for this very nginx: docs/development.md, "             \
    "\"Another nginx\""

typedef struct {
    int         status;             /* 0: it ended with exit code 0 */
    crm_str_t   out;
    crm_str_t   err;
} output_t;


static int nginx_run(output_t *output, const char *const *argv,
    crm_pool_t *pool);
static void nginx_child(const char *const *argv, FILE *out, FILE *err);
static int nginx_wait(pid_t pid);
static crm_str_t nginx_read(FILE *file, crm_pool_t *pool);
static void check_configuration(crm_cli_doctor_t *d);
static void configuration_say(crm_cli_doctor_t *d,
    const crm_cli_conf_t *conf);
static void check_module(crm_cli_doctor_t *d);
static int module_try(output_t *output, crm_cli_doctor_t *d,
    const char *module, const char *dir);
static void refused_say(crm_cli_doctor_t *d, const char *check,
    const output_t *output);


void
crm_cli_doctor_nginx(crm_cli_doctor_t *d)
{
    if (access(d->cli->opts.nginx, X_OK) != 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "nginx",
                "give the path of the program, such as /usr/sbin/nginx",
                "%s: %s", d->cli->opts.nginx, strerror(errno));
        return;
    }

    if (d->cli->opts.module) {
        check_module(d);
    } else {
        check_configuration(d);
    }
}


static void
check_configuration(crm_cli_doctor_t *d)
{
    output_t         output;
    const char      *argv[6];
    crm_cli_conf_t   conf;

    argv[0] = d->cli->opts.nginx;
    argv[1] = "-T";
    argv[2] = d->cli->opts.nginx_conf ? "-c" : NULL;
    argv[3] = d->cli->opts.nginx_conf;
    argv[4] = NULL;

    if (nginx_run(&output, argv, d->cli->pool) != 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "nginx", NULL,
                "%s -T cannot be run: %s", argv[0], strerror(errno));
        return;
    }

    if (output.status != 0) {
        refused_say(d, "nginx", &output);
        return;
    }

    if (crm_cli_conf_read(&conf, output.out, d->cli->pool) != CRM_OK) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "nginx", NULL,
                "out of memory");
        return;
    }

    configuration_say(d, &conf);
    crm_cli_doctor_files(d, &conf);
}


static void
configuration_say(crm_cli_doctor_t *d, const crm_cli_conf_t *conf)
{
    const char  *nginx;

    nginx = d->cli->opts.nginx;

    if (!conf->guards) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "nginx",
                "docs/directives.md has an example; --nginx-conf names another "
                "configuration", "%s takes its configuration, which has no "
                "crm_automation", nginx);
        return;
    }

    crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "nginx", NULL,
            "%s takes its configuration", nginx);
    crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "module", NULL,
            conf->loads ? "it fits this nginx" : "it is linked into nginx");
    crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "timeouts", NULL,
            "crm_commit_wait is below send_timeout, proxy_read_timeout not "
            "above crm_backend_max_time: nginx has looked");

    if (!conf->ends) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "shutdown",
                "set worker_shutdown_timeout, such as 2m: more than "
                "crm_backend_max_time",
                "old workers live as long as their slowest client after a "
                "reload");
    }
}


static void
check_module(crm_cli_doctor_t *d)
{
    int          rc;
    char         dir[] = "/tmp/crmctl-XXXXXX";
    char        *module;
    output_t     output;

    module = realpath(d->cli->opts.module, NULL);
    if (module == NULL || mkdtemp(dir) == NULL) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "module", NULL, "%s: %s",
                module ? dir : d->cli->opts.module, strerror(errno));
        free(module);
        return;
    }

    rc = module_try(&output, d, module, dir);

    if (rc != 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "module", NULL,
                "%s cannot be tried: %s", module, strerror(errno));

    } else if (output.status != 0) {
        refused_say(d, "module", &output);

    } else {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "module", NULL,
                "%s fits %s", module, d->cli->opts.nginx);
    }

    free(module);
}


/* nginx is started with nothing but the module, in a folder that goes. */

static int
module_try(output_t *output, crm_cli_doctor_t *d, const char *module,
    const char *dir)
{
    int          rc;
    FILE        *file;
    crm_str_t    conf, pid;
    const char  *argv[10];

    conf = crm_pool_printf(d->cli->pool, "%s/nginx.conf", dir);
    pid = crm_pool_printf(d->cli->pool, "%s/nginx.pid", dir);
    rc = -1;

    file = conf.data && pid.data ? fopen(conf.data, "w") : NULL;
    if (file) {
        fprintf(file, "load_module \"%s\";\npid %s;\nerror_log stderr;\n"
                "events { }\n", module, pid.data);

        argv[0] = d->cli->opts.nginx;
        argv[1] = "-t";
        argv[2] = "-p";
        argv[3] = dir;
        argv[4] = "-e";
        argv[5] = "stderr";
        argv[6] = "-c";
        argv[7] = conf.data;
        argv[8] = NULL;

        rc = fclose(file) == 0 ? nginx_run(output, argv, d->cli->pool) : -1;
        (void) unlink(conf.data);
        (void) unlink(pid.data);
    }

    (void) rmdir(dir);

    return rc;
}


/* In nginx' own words, which name the file and the line. */

static void
refused_say(crm_cli_doctor_t *d, const char *check, const output_t *output)
{
    const char  *p, *said, *advice;

    static const char  mark[] = "[emerg] ";

    said = "it says nothing";

    for (p = strstr(output->err.data, mark); p; p = strstr(said, mark)) {
        said = p + sizeof(mark) - 1;
    }

    advice = strstr(output->err.data, "is not binary compatible")
             || strstr(output->err.data, " instead of ") ? ADVICE_BUILD
             : strstr(output->err.data, "Permission denied")
             ? "run this as the user that starts nginx"
             : "nginx -t says the same";

    crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, check, advice, "%s refuses: "
            "%.*s", d->cli->opts.nginx, (int) strcspn(said, "\n"), said);
}


/* Runs a program without a shell. 0 with what it said, or -1 with errno. */

static int
nginx_run(output_t *output, const char *const *argv, crm_pool_t *pool)
{
    int     rc;
    FILE   *out, *err;
    pid_t   pid;

    rc = -1;
    out = tmpfile();
    err = tmpfile();

    if (out && err) {
        pid = fork();

        if (pid == 0) {
            nginx_child(argv, out, err);
        }

        if (pid > 0) {
            output->status = nginx_wait(pid);
            output->out = nginx_read(out, pool);
            output->err = nginx_read(err, pool);
            rc = output->out.data && output->err.data ? 0 : -1;
        }
    }

    if (out) {
        (void) fclose(out);
    }

    if (err) {
        (void) fclose(err);
    }

    return rc;
}


static void
nginx_child(const char *const *argv, FILE *out, FILE *err)
{
    (void) dup2(fileno(out), STDOUT_FILENO);
    (void) dup2(fileno(err), STDERR_FILENO);
    (void) signal(SIGPIPE, SIG_DFL);
    (void) execv(argv[0], (char *const *) argv);

    _exit(127);
}


static int
nginx_wait(pid_t pid)
{
    int               status;
    long              waited;
    pid_t             rc;
    struct timespec   pause;

    pause.tv_sec = 0;
    pause.tv_nsec = NGINX_POLL_MS * 1000000L;

    for (waited = 0; waited < NGINX_WAIT_MS; waited += NGINX_POLL_MS) {
        rc = waitpid(pid, &status, WNOHANG);

        if (rc == pid) {
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }

        if (rc < 0 && errno != EINTR) {
            return -1;
        }

        (void) nanosleep(&pause, NULL);
    }

    (void) kill(pid, SIGKILL);
    (void) waitpid(pid, &status, 0);

    return -1;
}


/* Zero-terminated; data is NULL when it cannot be read. */

static crm_str_t
nginx_read(FILE *file, crm_pool_t *pool)
{
    long        n;
    char       *text;
    crm_str_t   none;

    none.data = NULL;
    none.len = 0;

    if (fseek(file, 0, SEEK_END) != 0) {
        return none;
    }

    n = ftell(file);
    if (n < 0 || n > NGINX_MAX_OUTPUT) {
        errno = EFBIG;
        return none;
    }

    rewind(file);

    text = crm_pool_alloc(pool, (size_t) n + 1);
    if (text == NULL || fread(text, 1, (size_t) n, file) != (size_t) n) {
        return none;
    }

    text[n] = '\0';

    return crm_str(text, (size_t) n);
}
