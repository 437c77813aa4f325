/*
 * Dates that rules write: can a rule be due for one again and again?
 *
 * Upper bounds: so many days at the most from today to the day that is
 * written, so many from there to the day on which the rule is due. Where both
 * are exact, a point in time and minutes or hours, minutes are counted.
 */

#include "rules/crm_analysis_due.h"

#include "base/crm_limits.h"
#include "rules/crm_predefined.h"


#define DUE_DAY  1440           /* minutes */

/* What a token says of the day or the time that it stands for. */
typedef struct {
    int        exact;           /* minutes from now, else days from today */
    long long  most;
} ahead_t;


static int ahead_find(ahead_t *ahead, const json_t *value, int *copies);
static int ahead_token(ahead_t *ahead, crm_str_t text);
static crm_analysis_due_t ahead_due(const crm_date_trigger_t *trigger,
    const ahead_t *ahead);
static long long offset_days(const crm_interval_t *offset);
static long long days_up(long long minutes);


crm_analysis_due_t
crm_analysis_due(const crm_date_trigger_t *trigger, const json_t *value,
    int still)
{
    int      copies;
    ahead_t  ahead;

    if (ahead_find(&ahead, value, &copies)) {
        return ahead_due(trigger, &ahead);
    }

    return copies && !still ? CRM_ANALYSIS_DUE_LATER : CRM_ANALYSIS_DUE_NEVER;
}


crm_analysis_due_t
crm_analysis_due_created(const crm_date_trigger_t *trigger)
{
    static const ahead_t  now = { .exact = 1, .most = 0 };

    return ahead_due(trigger, &now);
}


int
crm_analysis_due_moves(const json_t *value)
{
    int      copies;
    ahead_t  ahead;

    return ahead_find(&ahead, value, &copies);
}


/* The first token of the time that value merges; *copies: there is none, but
 * what another field holds. */
static int
ahead_find(ahead_t *ahead, const json_t *value, int *copies)
{
    crm_str_t    merge;
    const char  *p, *end;

    *copies = json_object_get(value, "field") != NULL;

    merge = crm_shape_str(json_is_string(value) ? value
                          : json_object_get(value, "merge"));

    for (p = merge.data; p && (p = strstr(p, "${")) != NULL; p = end) {
        end = p + strcspn(p, "|}");

        if (p[2] == '!' && strncmp(p, "${!Variables.", 13) != 0) {
            *copies = 1;
        }

        if (ahead_token(ahead, crm_str(p + 2, (size_t) (end - p - 2)))) {
            return 1;
        }
    }

    return 0;
}


/* text: TODAY+7 and its like. */
static int
ahead_token(ahead_t *ahead, crm_str_t text)
{
    char              whole[CRM_MAX_MERGE_FIELD + 4];
    crm_predefined_t  token;

    /* a week, a month, a quarter, a year at their first day */

    static const int  spans[] = {
        [CRM_DATE_WEEK] = 6, [CRM_DATE_MONTH] = 30, [CRM_DATE_QUARTER] = 91,
        [CRM_DATE_YEAR] = 365
    };

    if (text.len > CRM_MAX_MERGE_FIELD) {
        return 0;
    }

    memcpy(whole, "${", 2);
    memcpy(whole + 2, text.data, text.len);
    whole[text.len + 2] = '}';

    if (crm_predefined_parse(&token, crm_str(whole, text.len + 3)) != CRM_OK
        || !crm_predefined_is_time(&token))
    {
        return 0;
    }

    memset(ahead, 0, sizeof(ahead_t));

    switch (token.kind) {

    case CRM_PREDEFINED_NOW:
        ahead->exact = 1;
        ahead->most = (long long) token.n * (token.unit == 'd' ? DUE_DAY
                                             : token.unit == 'h' ? 60 : 1);
        break;

    case CRM_PREDEFINED_TODAY:
        ahead->most = token.n;
        break;

    case CRM_PREDEFINED_LAST:
        ahead->most = spans[token.span];
        break;

    default: /* CRM_PREDEFINED_FIRST: not behind today */
        break;
    }

    return 1;
}


static crm_analysis_due_t
ahead_due(const crm_date_trigger_t *trigger, const ahead_t *ahead)
{
    long long              days, minutes;
    const crm_interval_t  *offset;

    offset = &trigger->offset;

    if (ahead->exact && (offset->period == CRM_PERIOD_HOURS
                         || (offset->unit == 0 && !trigger->at_given)))
    {
        minutes = ahead->most + offset->unit * 60;
        return minutes > 0 ? CRM_ANALYSIS_DUE_LATER : CRM_ANALYSIS_DUE_NEVER;
    }

    days = (ahead->exact ? days_up(ahead->most) : ahead->most)
           + offset_days(offset);

    if (days != 0) {
        return days > 0 ? CRM_ANALYSIS_DUE_LATER : CRM_ANALYSIS_DUE_NEVER;
    }

    return trigger->at_minute || offset->period == CRM_PERIOD_HOURS
           ? CRM_ANALYSIS_DUE_TODAY : CRM_ANALYSIS_DUE_NEVER;
}


static long long
offset_days(const crm_interval_t *offset)
{
    int  after;

    after = offset->unit > 0;

    switch (offset->period) {

    case CRM_PERIOD_HOURS:
        return after ? offset->unit / 24 + 1 : -(-offset->unit / 24);

    case CRM_PERIOD_BUSINESS_DAYS:          /* holidays may be many */
        return after ? CRM_MAX_HOLIDAYS + offset->unit * 7 : offset->unit;

    case CRM_PERIOD_WEEKS:
        return offset->unit * 7;

    case CRM_PERIOD_MONTHS:
        return offset->unit * (after ? 31 : 28);

    case CRM_PERIOD_YEARS:
        return offset->unit * (after ? 366 : 365);

    default:
        return offset->unit;
    }
}


static long long
days_up(long long minutes)
{
    return minutes > 0 ? minutes / DUE_DAY + 1 : minutes / DUE_DAY;
}
