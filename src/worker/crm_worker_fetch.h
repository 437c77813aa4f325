/*
 * Claims jobs for all organisations, and keeps the claims alive.
 *
 * Each second, and at once while there is work: promote what is due, take what
 * is ready, as many as have room; recover writes without an outcome, which has
 * room of its own. An organisation that has had jobs lately is looked at four
 * times as often, so that what comes to a fast endpoint does not wait for the
 * answer of a slow one. Every third of a lease: renew. Every five seconds: take
 * back what others left behind. All of it by Redis' clock.
 *
 * With `once` it goes round recover, reap, promote and take until a round
 * finds nothing and nothing is under way.
 */

#ifndef CRM_WORKER_FETCH_H
#define CRM_WORKER_FETCH_H

#include "crm_worker_config.h"
#include "crm_worker_dispatch.h"
#include "crm_worker_link.h"
#include "crm_worker_settle.h"


#define CRM_WORKER_FETCH_POLL_MS   250

/* Ticks of the poll between two looks at organisations without jobs, and so
 * many after its last job one is looked at with each. */
#define CRM_WORKER_FETCH_IDLE      4
#define CRM_WORKER_FETCH_WARM      40

/* Least wait for an endpoint's rate: fewer wake-ups, more jobs each. */
#define CRM_WORKER_FETCH_SOON_MS   10

#define CRM_WORKER_FETCH_REAP_MS   5000
#define CRM_WORKER_FETCH_ORGS_MS   2000

/* Jobs a take asks for: small enough that organisations share the room. */
#define CRM_WORKER_FETCH_BATCH     32


typedef struct crm_worker_fetch_s  crm_worker_fetch_t;
typedef struct crm_worker_org_s    crm_worker_org_t;

typedef enum {
    CRM_WORKER_FETCH_DRAINED = 0,   /* once, or stop: nothing under way */
    CRM_WORKER_FETCH_FAILED         /* once: Redis answered with an error */
} crm_worker_fetch_event_t;

/* Called from the loop, once. */
typedef void (*crm_worker_fetch_event_pt)(void *data,
    crm_worker_fetch_event_t event);


/* What follows is for the files of fetching only: _fetch, _orgs, _upkeep and
 * _recover. An organisation is never freed before the end, since replies find
 * their way back to it. */
struct crm_worker_org_s {
    crm_worker_org_t    *next;
    crm_worker_fetch_t  *fetch;
    crm_str_t            name;          /* in the fetch's pool */
    crm_worker_job_t    *jobs;          /* under way */
    unsigned             reserved;      /* asked for by a take under way */
    long long            left;          /* in the webhooks' entrance, when it
                                           was seen last */
    unsigned             pulling;       /* that many at once: crm_worker_pull */
    unsigned             aside;         /* takes that are to go without */
    long long            reaped_ms;     /* Redis' time of the last reap, or 0 */
    int64_t              reaped_at;     /* by our clock */
    unsigned             wary;          /* reaps to be left out */
    unsigned             warm;          /* ticks that it is still looked at */
    unsigned             active:1;      /* to be served */
    unsigned             hungry:1;      /* there may be jobs to take */
    unsigned             taking:1;
    unsigned             waiting:1;     /* for the rate of an endpoint */
    unsigned             reaping:1;
    unsigned             promoting:1;
    unsigned             found:1;       /* once: this round found something */
    unsigned             drained:1;     /* once: the last one did not */
    unsigned             counted:1;     /* counts holds something */
    unsigned             counting:1;    /* Redis is being told */
    crm_counts_t         counts;

    /* recovery */
    crm_worker_claim_t      *claims;    /* under way */
    unsigned             settling;      /* so many */
    crm_worker_revision_t   *revision;  /* the current one, held; NULL: not
                                           known, or none */
    crm_worker_rules_wait_t *wait;      /* for a new one */
    unsigned             claiming;      /* asked for by a recover under way */
    unsigned             known:1;       /* its rules were looked at: it is
                                           known which secrets are whose */
    unsigned             recovering:1;
    unsigned             owing:1;       /* there may be more to claim */
    unsigned             unable:1;      /* it was said: no backend */
    unsigned             unruled:1;     /* it was said: rules of no use */
    unsigned             armed:1;       /* Redis knows its schedules */
    unsigned             arming:1;      /* it is being told */
};

struct crm_worker_fetch_s {
    uv_timer_t                    poll;
    uv_timer_t                    soon;
    uv_timer_t                    reap;
    uv_timer_t                    renew;
    uv_timer_t                    list;
    uv_prepare_t                  turn;
    unsigned                      closing;      /* timers not yet closed */

    crm_worker_dispatch_tools_t  *tools;
    crm_worker_dispatch_t        *dispatch;
    const crm_worker_config_t    *config;
    crm_worker_fetch_event_pt     event;
    void                         *data;
    crm_pool_t                   *pool;
    crm_worker_org_t             *orgs;         /* the next to take first */
    unsigned                      under_way;    /* jobs and reservations */
    unsigned                      running[CRM_QUEUE_COUNT];   /* jobs */
    unsigned                      tick;         /* of the poll */
    uint64_t                      pull_name;    /* of this process */
    uint32_t                      pull_serial;
    crm_worker_settle_t           settle;
    unsigned                      settling;     /* claims, likewise */
    unsigned                      listed:1;     /* orgs are known */
    unsigned                      stopping:1;
    unsigned                      ended:1;      /* event was called */
};

/* Takes where there is something and room for it. */
void crm_worker_fetch_pump(crm_worker_fetch_t *fetch);

/* A claim has ended: whoever was owed the room gets it. */
void crm_worker_fetch_settled(crm_worker_fetch_t *fetch);

/* Something was asked and answered: what now? Once: the next round, or the
 * end; stopping: the end. */
void crm_worker_fetch_next(crm_worker_fetch_t *fetch);

/* Redis answered `what` with an error, or with what makes no sense. */
void crm_worker_fetch_refused(crm_worker_fetch_t *fetch, const char *what,
    crm_str_t org, const char *text);


/* tools are borrowed; config is until the next crm_worker_fetch_configure().
 * NULL without memory. */
crm_worker_fetch_t *crm_worker_fetch_create(
    crm_worker_dispatch_tools_t *tools, const crm_worker_config_t *config,
    crm_worker_fetch_event_pt event, void *data);

/*
 * Two steps to the end, neither from a callback. end: nothing is begun any
 * more, no event comes. destroy, after the link has been destroyed: drops what
 * is still under way; its leases run out.
 */
void crm_worker_fetch_end(crm_worker_fetch_t *fetch);
void crm_worker_fetch_destroy(crm_worker_fetch_t *fetch);

/* Other organisations, room and lease from now on. */
void crm_worker_fetch_configure(crm_worker_fetch_t *fetch,
    const crm_worker_config_t *config);

/* Redis is there, again: everything is due at once. */
void crm_worker_fetch_wake(crm_worker_fetch_t *fetch);

/* Takes no more; the event comes when what was taken is settled. */
void crm_worker_fetch_stop(crm_worker_fetch_t *fetch);

/* Ends all deliveries and claims: what remains Redis has been told of. */
void crm_worker_fetch_abandon(crm_worker_fetch_t *fetch);

/* The current rules of the organisation that a job under way is of, until the
 * loop goes on; NULL: it has none. */
const crm_ruleset_t *crm_worker_fetch_rules(const crm_worker_job_t *job);

unsigned crm_worker_fetch_under_way(const crm_worker_fetch_t *fetch);

#endif
