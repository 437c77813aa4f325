/*
 * Every limit of the core, each with its reason. Limits that an operator may
 * set are defaults here and directives or options in their hosts.
 */

#ifndef CRM_LIMITS_H
#define CRM_LIMITS_H

/* Bodies: what nginx users give client_max_body_size for API traffic. */
#define CRM_MAX_BODY_BYTES        (1024 * 1024)

/* Of an answer copied to learn its outcome: bulk answers of 100 records. */
#define CRM_MAX_ANSWER_BYTES      (1024 * 1024)

/* Values in one body: 100 records of 300 fields each, twice over. A megabyte
 * of "{}," is refused at its first 200 KB. */
#define CRM_MAX_NODES             65536

/* Depth of a body: the vendor's deepest record has 5 levels. */
#define CRM_MAX_DEPTH             64

/* Records in one request: the vendor's own limit. */
#define CRM_MAX_RECORDS           100

/* Names and ids in targets, which become parts of Redis keys. */
#define CRM_MAX_MODULE_NAME       64
#define CRM_MAX_RECORD_ID         64

/* Organisation names: [A-Za-z0-9_.-]{1,64}. */
#define CRM_MAX_ORG_NAME          64

/* Criteria: the vendor's 25 members a group; depth 8 is ours. */
#define CRM_MAX_GROUP             25
#define CRM_MAX_CRITERIA_DEPTH    8

/* The vendor's: values of an "in", conditions of a rule, rules of a lock,
 * profiles and fields a lock excludes. */
#define CRM_MAX_IN_VALUES         100
#define CRM_MAX_CONDITIONS        10
#define CRM_MAX_LOCK_RULES        5
#define CRM_MAX_LOCK_PROFILES     15
#define CRM_MAX_LOCK_FIELDS       15

/* Holidays: a century of ten a year. */
#define CRM_MAX_HOLIDAYS          1000

/* Members of a group, who are looked through one by one; roles one above the
 * other: no company has as many levels. */
#define CRM_MAX_MEMBERS           1000
#define CRM_MAX_ROLE_DEPTH        50

/* What people are told: a few sentences. */
#define CRM_MAX_MESSAGE           1000

/* What people look over: entries of an assignment or escalation rule, levels
 * of one, approvers of a record, fields that stay editable. */
#define CRM_MAX_ENTRIES           100
#define CRM_MAX_LEVELS            10
#define CRM_MAX_APPROVERS         25
#define CRM_MAX_OPEN_FIELDS       100

/* Records that somebody is given a day: more nobody can look at. */
#define CRM_MAX_THRESHOLD         1000000

/* Blueprints: what fits on a drawing, and then some. */
#define CRM_MAX_STATES            100
#define CRM_MAX_TRANSITIONS       500
#define CRM_MAX_AUTOMATIC         50
#define CRM_MAX_DURING            50

/* Where rules stand in their order. */
#define CRM_MAX_SEQUENCE          1000000

/* Scoring: the vendor's name and field rules; its touch points come in 50
 * groups of 20. */
#define CRM_MAX_SCORING_NAME      25
#define CRM_MAX_SCORE_RULES       50
#define CRM_MAX_SCORE_TOUCHES     1000

/* What happened to a record, and which one it was: names and ids of other
 * systems. So many ids are remembered of a record: who repeats an event does so
 * within hours. */
#define CRM_MAX_EVENT_NAME        100
#define CRM_MAX_EVENT_ID          100
#define CRM_MAX_EVENT_IDS         256

/* Digits of a score that is read: what a double of Redis' scripts holds, and
 * more events than anybody counts. */
#define CRM_MAX_SCORE_DIGITS      15

/* Members of a list that include_any and its like look into: ten times what
 * the vendor's multi-select fields hold. A longer list is unknown. */
#define CRM_MAX_SET               1000

/* Rows of a numbered criterion: the vendor's. Its pattern: each row named some
 * ten times over, within so many brackets. */
#define CRM_MAX_ROWS              25
#define CRM_MAX_PATTERN           1000
#define CRM_MAX_BRACKETS          25

/* The vendor's schema ceiling of instant actions in one condition. */
#define CRM_MAX_ACTIONS           50

/* Findings that are kept of one judgement: nobody reads more, and a folder of
 * nonsense must not fill the memory. */
#define CRM_MAX_FINDINGS          10000

/* Webhook URLs: what servers take in a request line. */
#define CRM_MAX_URL               2048

/* A job that would be larger is refused visibly: receivers' bodies are far
 * below it, and Redis holds millions of jobs. */
#define CRM_MAX_JOB_BYTES         (1024 * 1024)
#define CRM_MAX_WEBHOOK_BODY      (256 * 1024)

/* What Standard Webhooks advises as the most; above it people are told. */
#define CRM_WARN_WEBHOOK_BODY     (20 * 1024)

/* An address of mail, as SMTP takes it; recipients of one mail, and users that
 * take turns: what people still look over. */
#define CRM_MAX_ADDRESS           254
#define CRM_MAX_PARTIES           100

/* The vendor's: assignees of an assign_owner, fields of a created record, tags
 * of an action, blocks of scheduled actions and actions in one of them. */
#define CRM_MAX_ASSIGNEES         5
#define CRM_MAX_CREATE_FIELDS     25
#define CRM_MAX_TAGS              10
#define CRM_MAX_TAG               100     /* bytes of its 25 characters */
#define CRM_MAX_SCHEDULED         5
#define CRM_MAX_SCHEDULED_ACTIONS 10

/* A mail's subject: the vendor's. Its text and its HTML: newsletters are
 * below it. */
#define CRM_MAX_SUBJECT           500
#define CRM_MAX_MAIL_SUBJECT      4096    /* with its values */
#define CRM_MAX_MAIL_BODY         (256 * 1024)

/* What a function attaches to a mail: the job that holds it, in letters, stays
 * below CRM_MAX_JOB_BYTES. */
#define CRM_MAX_MAIL_FILES        10
#define CRM_MAX_MAIL_FILE_NAME    200
#define CRM_MAX_MAIL_FILE_BYTES   (512 * 1024)    /* of all */

/* A Deluge script: 200,000 statements a run are allowed, of which the largest
 * scripts write down some thousand. */
#define CRM_MAX_FUNCTION_SOURCE   (256 * 1024)
#define CRM_MAX_ARGUMENTS         50

/* A merge expression's default or path: longer ones are mistakes. */
#define CRM_MAX_MERGE_FIELD       200

#endif
