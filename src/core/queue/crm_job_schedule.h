/*
 * The jobs of a schedule.
 *
 *   tick   waits until the next run is due; a worker that has it begins the
 *          run and lets it wait again, in one step of Redis
 *          {"v":1,"id","type":"schedules","org","rule": name, "action":
 *           {"name"}, "due": ms}; one that a hand has begun lacks due
 *   run    a call of the function, like one of a rule, without a record; it
 *          has "schedule": {"id", "name", "due", "by": "clock" or "hand"}
 */

#ifndef CRM_JOB_SCHEDULE_H
#define CRM_JOB_SCHEDULE_H

#include "queue/crm_job.h"


/* Of a schedule, from its name; each tick of it is a job of this id. */
#define CRM_SCHEDULE_ID_LEN  26

typedef struct {
    crm_str_t   org;
    crm_str_t   id;             /* of the schedule */
    crm_str_t   run;            /* of the job */
    long long   due_ms;
    int         by_hand;
    long long   now_ms;
} crm_job_schedule_run_t;


/* Followed by a zero byte. */
crm_str_t crm_job_schedule_id(char id[CRM_SCHEDULE_ID_LEN + 1], crm_str_t name);

/*
 * What the times of its runs follow from, as a text: where it is another one,
 * the schedule begins anew. In pool; data is NULL without memory.
 */
crm_str_t crm_job_schedule_spec(const crm_schedule_t *schedule,
    const crm_zone_t *zone, crm_pool_t *pool);

/* A tick of the schedule of that name, due then; 0: by hand, at once. */
void crm_job_schedule_tick(crm_buf_t *buf, crm_str_t name, crm_str_t org,
    crm_str_t id, long long due_ms);

/* A run of it, its arguments filled in. CRM_OK, or CRM_ENOMEM. */
crm_status_t crm_job_schedule_run(crm_buf_t *buf,
    const crm_schedule_t *schedule, const crm_ruleset_t *rules,
    const crm_job_schedule_run_t *run, crm_pool_t *pool);

#endif
