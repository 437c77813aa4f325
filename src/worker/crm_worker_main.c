/*
 * crm-worker: options, signals, start, drain, stop.
 *
 *   SIGTERM, SIGINT   take no more, finish what is under way, exit; a second
 *                     one exits at once
 *   SIGHUP            read options, file and secrets again
 */

#include "crm_worker_child.h"
#include "crm_worker_config.h"
#include "crm_worker_dispatch.h"
#include "crm_worker_fetch.h"
#include "crm_worker_link.h"
#include "crm_worker_log.h"
#include "crm_worker_memory.h"
#include "crm_worker_loop.h"
#include "crm_worker_notify.h"
#include "crm_worker_own.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>


#define MAIN_OK       0
#define MAIN_FAILED   1

/* Look-ups block a thread each, half of the pool's at most. */
#define MAIN_THREADS  "32"


typedef struct {
    crm_worker_loop_t            loop;
    uv_signal_t                  term;
    uv_signal_t                  intr;
    uv_signal_t                  hup;
    uv_timer_t                   bound;         /* of draining */

    int                          argc;
    char                       **argv;
    crm_worker_config_t         *config;
    crm_worker_guard_t           guard;
    crm_worker_dispatch_tools_t  tools;
    crm_worker_fetch_t          *fetch;
    crm_worker_notify_t         *notify;
    crm_worker_own_t             own;
    int                          status;        /* to exit with */
    unsigned                     draining:1;
    unsigned                     was_ready:1;   /* Redis, ever */
} main_t;


static int   main_usage(const crm_error_t *err);
static void  main_files(void);
static int   main_start(main_t *main);
static int   main_begin(main_t *main);
static void  main_stop(main_t *main, int status);
static void  main_signals(main_t *main);
static void  main_hold_signals(void);
static void  main_on_late(uv_signal_t *handle, int signum);
static void  main_configure(main_t *main);
static void  main_guard(main_t *main);
static void  main_denied(void *data);
static void  main_on_link(void *data, crm_worker_link_event_t event,
    const char *text);
static void  main_on_fetch(void *data, crm_worker_fetch_event_t event);
static void  main_on_term(uv_signal_t *handle, int signum);
static void  main_on_hup(uv_signal_t *handle, int signum);
static void  main_on_bound(uv_timer_t *timer);
static void  main_status(void *data, char *text, size_t size);
static void  main_exit(main_t *main, int status);


int
main(int argc, char **argv)
{
    int           status;
    main_t       *self;
    crm_error_t   err;

    if (argc == 2 && strcmp(argv[1], CRM_WORKER_CHILD_ARGUMENT) == 0) {
        _exit(crm_worker_child());      /* no handlers: the wall stands */
    }

    crm_worker_memory_init();
    self = calloc(1, sizeof(main_t));
    if (self == NULL) {
        fputs("crm-worker: out of memory\n", stderr);
        return MAIN_FAILED;
    }

    self->argc = argc;
    self->argv = argv;
    self->config = crm_worker_config_create(argc, argv, &err);

    if (self->config == NULL) {
        free(self);
        return main_usage(&err);
    }

    if (self->config->help || self->config->version) {
        if (self->config->help) {
            crm_worker_config_usage(stdout);
        } else {
            puts("crm-worker " CRM_WORKER_CONFIG_VERSION);
        }

        crm_worker_config_destroy(self->config);
        free(self);

        return fflush(stdout) == 0 ? MAIN_OK : MAIN_FAILED;
    }

    (void) setenv("UV_THREADPOOL_SIZE", MAIN_THREADS, 0);
    (void) signal(SIGPIPE, SIG_IGN);
    main_files();

    status = main_start(self);

    if (status == MAIN_OK) {
        crm_worker_memory_loaded();
        crm_worker_loop_run(&self->loop);
        status = self->status;
    }

    main_stop(self, status);

    return status;
}


static int
main_usage(const crm_error_t *err)
{
    fprintf(stderr, "crm-worker: %s\n", err->text);

    return err->code == CRM_ENOMEM ? MAIN_FAILED : CRM_WORKER_CONFIG_EXIT;
}


/* A delivery takes a descriptor: as many as may be had. */
static void
main_files(void)
{
    struct rlimit  limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0
        && limit.rlim_cur < limit.rlim_max)
    {
        limit.rlim_cur = limit.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
    }
}


static int
main_start(main_t *main)
{
    crm_error_t                   err;
    crm_worker_dispatch_tools_t  *tools;

    tools = &main->tools;

    if (crm_worker_loop_init(&main->loop, &err) != CRM_OK) {
        fprintf(stderr, "crm-worker: %s\n", err.text);
        exit(MAIN_FAILED);
    }

    tools->loop = &main->loop;
    tools->http.loop = &main->loop;
    tools->http.guard = &main->guard;
    tools->http.peers = crm_worker_peers_create(&main->loop);

    if (tools->http.peers == NULL) {
        fputs("crm-worker: out of memory\n", stderr);
        exit(MAIN_FAILED);
    }

    crm_worker_secret_init(&tools->secrets, main->config);
    main_configure(main);
    main_signals(main);
    main->notify = crm_worker_notify_create(&main->loop, main_status, main);

    crm_worker_log(CRM_WORKER_LOG_NOTICE, "started, version:%s pid:%ld "
                   "redis:%s", CRM_WORKER_CONFIG_VERSION, (long) getpid(),
                   main->config->redis.text.data);

    if (main->config->chain_keys.count == 0) {
        crm_worker_log(CRM_WORKER_LOG_NOTICE, "jobs that write records are "
                       "left alone, there is no --chain-key-file");
    }

    crm_worker_own_init(&main->own, &main->loop, &main->guard, main_denied,
                        main);
    main_guard(main);

    return crm_worker_own_busy(&main->own) ? MAIN_OK : main_begin(main);
}


/* Nothing is delivered before it is known what must not be called. */
static int
main_begin(main_t *main)
{
    crm_worker_dispatch_tools_t  *tools;

    tools = &main->tools;

    tools->link = crm_worker_link_create(&main->loop, &main->config->redis,
                                         main->config->redis_password_file,
                                         main_on_link, main);
    main->fetch = tools->link ? crm_worker_fetch_create(tools, main->config,
                                                        main_on_fetch, main)
                              : NULL;

    if (main->fetch == NULL) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "out of memory");
        return MAIN_FAILED;
    }

    return MAIN_OK;
}


/* Commands that end with the link still find fetch; then it goes as well. A
 * look-up that hangs in its thread would hold an exit up, and tell a loop that
 * is gone: the process leaves at once, with all of its threads. */
static void
main_stop(main_t *main, int status)
{
    int  closed;

    main_hold_signals();
    crm_worker_own_cancel(&main->own);

    if (main->fetch != NULL) {
        crm_worker_fetch_end(main->fetch);
    }

    if (main->tools.link != NULL) {
        crm_worker_link_destroy(main->tools.link);
    }

    if (main->fetch != NULL) {
        crm_worker_fetch_destroy(main->fetch);
    }

    crm_worker_peers_destroy(main->tools.http.peers);
    crm_worker_notify_destroy(main->notify);
    crm_worker_secret_clean(&main->tools.secrets);
    closed = crm_worker_loop_close(&main->loop);
    crm_worker_config_destroy(main->config);

    if (!closed) {
        _exit(status);
    }

    free(main);
}


static void
main_signals(main_t *main)
{
    uv_signal_init(&main->loop.uv, &main->term);
    uv_signal_init(&main->loop.uv, &main->intr);
    uv_signal_init(&main->loop.uv, &main->hup);
    uv_timer_init(&main->loop.uv, &main->bound);

    main->term.data = main;
    main->intr.data = main;
    main->hup.data = main;
    main->bound.data = main;

    uv_signal_start(&main->term, main_on_term, SIGTERM);
    uv_signal_start(&main->intr, main_on_term, SIGINT);
    uv_signal_start(&main->hup, main_on_hup, SIGHUP);
}


/* libuv takes a handler off with its last watcher, and a signal behind that
 * would end the process with a status of its own: these watch to the end. */
static void
main_hold_signals(void)
{
    size_t  i;

    static uv_loop_t    loop;               /* neither run nor closed */
    static uv_signal_t  watchers[3];
    static const int    signals[3] = { SIGTERM, SIGINT, SIGHUP };

    if (uv_loop_init(&loop) != 0) {
        return;
    }

    for (i = 0; i < 3; i++) {
        if (uv_signal_init(&loop, &watchers[i]) == 0) {
            (void) uv_signal_start(&watchers[i], main_on_late, signals[i]);
        }
    }
}


static void
main_on_late(uv_signal_t *handle, int signum)
{
    (void) handle;
    (void) signum;
}


/* What deliveries read from the configuration, from the next one on. */
static void
main_configure(main_t *main)
{
    crm_worker_config_t  *config;

    config = main->config;

    crm_worker_log_set_level(config->log_level);
    main->tools.http.ca_file = config->ca_file.data;
    main->tools.http.timeout_ms = config->timeout_ms;
    main->tools.retry = &config->retry;
    main->tools.config = config;

    crm_worker_peers_forget(main->tools.http.peers);
    crm_worker_secret_forget(&main->tools.secrets);
    main->tools.secrets.config = config;
}


/* Ranges from the configuration; addresses of our own side stay denied, and
 * more of them are looked up. */
static void
main_guard(main_t *main)
{
    crm_worker_guard_t  *guard;

    guard = &main->guard;

    guard->n_allowed = main->config->guard.n_allowed;
    memcpy(guard->allowed, main->config->guard.allowed,
           sizeof(guard->allowed));

    crm_worker_own_deny(&main->own, main->config->backend,
                        main->config->smtp);
}


static void
main_denied(void *data)
{
    main_t  *main;

    main = data;

    if (main->tools.link == NULL && main_begin(main) != MAIN_OK) {
        main_exit(main, MAIN_FAILED);
    }
}


static void
main_on_link(void *data, crm_worker_link_event_t event, const char *text)
{
    main_t                  *main;
    struct sockaddr_storage  peer;

    main = data;

    if (event == CRM_WORKER_LINK_READY) {
        if (crm_worker_link_peer(main->tools.link, &peer)) {
            crm_worker_guard_deny(&main->guard, (struct sockaddr *) &peer);
        }

        crm_worker_log(CRM_WORKER_LOG_NOTICE, "redis: %s",
                       main->was_ready ? "connected again" : "connected");
        main->was_ready = 1;
        crm_worker_notify_ready(main->notify);
        crm_worker_fetch_wake(main->fetch);
        return;
    }

    crm_worker_log(CRM_WORKER_LOG_ERROR, "redis: %s: %s",
                   main->config->redis.text.data, text);

    if (main->config->once
        || (event == CRM_WORKER_LINK_UNFIT && !main->was_ready))
    {
        main_exit(main, MAIN_FAILED);
    }
}


static void
main_on_fetch(void *data, crm_worker_fetch_event_t event)
{
    main_exit(data, event == CRM_WORKER_FETCH_DRAINED ? MAIN_OK
                                                      : MAIN_FAILED);
}


static void
main_on_term(uv_signal_t *handle, int signum)
{
    main_t  *main;

    main = handle->data;

    if (main->fetch == NULL) {
        main_exit(main, MAIN_OK);
        return;
    }

    if (main->draining) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "signal %d again, deliveries are "
                       "left to their leases, count:%u", signum,
                       crm_worker_fetch_under_way(main->fetch));
        main_exit(main, MAIN_OK);
        return;
    }

    main->draining = 1;
    crm_worker_notify_stopping(main->notify);
    crm_worker_log(CRM_WORKER_LOG_NOTICE, "signal %d, draining, under way:%u",
                   signum, crm_worker_fetch_under_way(main->fetch));

    uv_timer_start(&main->bound, main_on_bound,
                   (uint64_t) main->config->drain_ms, 0);
    crm_worker_fetch_stop(main->fetch);
}


static void
main_on_hup(uv_signal_t *handle, int signum)
{
    main_t               *main;
    crm_error_t           err;
    crm_worker_config_t  *config, *old;

    (void) signum;

    main = handle->data;

    config = crm_worker_config_create(main->argc, main->argv, &err);
    if (config == NULL) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "configuration is not read "
                       "again: %s", err.text);
        crm_worker_secret_forget(&main->tools.secrets);
        return;
    }

    if (!crm_str_eq(config->redis.text, main->config->redis.text)) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "--redis is another one now, "
                       "which takes a restart");
    }

    old = main->config;
    main->config = config;

    main_configure(main);
    main_guard(main);

    if (main->fetch != NULL) {
        crm_worker_fetch_configure(main->fetch, config);
    }

    crm_worker_config_destroy(old);

    crm_worker_log(CRM_WORKER_LOG_NOTICE, "configuration and secrets read "
                   "again");
}


static void
main_on_bound(uv_timer_t *timer)
{
    main_t  *main;

    main = timer->data;

    crm_worker_log(CRM_WORKER_LOG_WARN, "drain: time is up, deliveries are "
                   "left to their leases, count:%u",
                   crm_worker_fetch_under_way(main->fetch));
    main_exit(main, MAIN_OK);
}


/* What systemctl status shows. */
static void
main_status(void *data, char *text, size_t size)
{
    int      ready;
    main_t  *main;

    main = data;
    ready = main->tools.link != NULL
            && crm_worker_link_ready(main->tools.link);

    snprintf(text, size, "%s, under way: %u", main->draining ? "draining"
             : ready ? "connected to redis" : "waiting for redis",
             main->fetch ? crm_worker_fetch_under_way(main->fetch) : 0);
}


/* What is left is taken down when the loop has returned. */
static void
main_exit(main_t *main, int status)
{
    main->status = status;
    crm_worker_loop_stop(&main->loop);

    crm_worker_log(CRM_WORKER_LOG_NOTICE, "exiting, status:%d", status);
}
