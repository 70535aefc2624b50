#include <cassert>

#include "loader/generator_words.h"

namespace clientele {
namespace {

// Words as "native:ascii", separated by spaces.
struct ScriptSource {
  std::string_view first_names, last_names, stems, types, prefixes, suffixes;
  std::string_view space, name_space;
  bool last_name_first, quoted;
};

// clang-format off
// In the order of Script.
constexpr ScriptSource kScripts[kScriptCount] = {
    {  // German.
     "Jürgen:juergen Jörg:joerg Günter:guenter Björn:bjoern Sören:soeren Käthe:kaethe Bärbel:baerbel Renée:renee Götz:goetz Rüdiger:ruediger Hülya:huelya Zoë:zoe André:andre Désirée:desiree Lüder:lueder Thorben-René:thorben",
     "Müller:mueller Schäfer:schaefer Köhler:koehler König:koenig Krüger:krueger Möller:moeller Günther:guenther Böhm:boehm Jäger:jaeger Krämer:kraemer Schröder:schroeder Weiß:weiss Großmann:grossmann Händel:haendel Löwe:loewe Bäcker:baecker Vögele:voegele Kühn:kuehn Führmann:fuehrmann Strauß:strauss Göbel:goebel Rößler:roessler",
     "Müller:mueller Bäckerei-König:baeckerei-koenig Süddeutsche:sueddeutsche Münchner:muenchner Kölner:koelner Düsseldorfer:duesseldorfer Fränkische:fraenkische Grün:gruen Blütenhaus:bluetenhaus Weißblau:weissblau Schlüssel:schluessel Brücke:bruecke Löwen:loewen Bär:baer Nürnberger:nuernberger Lübecker:luebecker Würzburg:wuerzburg Möwe:moewe Für-Dich:fuer-dich Höhenflug:hoehenflug",
     "Söhne:soehne Möbel:moebel Küchen:kuechen Gebäudetechnik:gebaeudetechnik Übersetzungen:uebersetzungen Getränke:getraenke Maschinenbau:maschinenbau Aufzüge:aufzuege Gemüsehandel:gemuesehandel Bürotechnik:buerotechnik Lösungen:loesungen Rückversicherung:rueckversicherung Geräte:geraete Präzision:praezision",
     "", "GmbH|AG|GmbH & Co. KG|KG", " ", " ", false, false},
    {  // Spanish, Portuguese, Italian.
     "José:jose María:maria Jesús:jesus Ángel:angel Iván:ivan Raúl:raul Sofía:sofia Lucía:lucia Andrés:andres Mónica:monica Verónica:veronica João:joao Antônio:antonio Inês:ines Luís:luis Conceição:conceicao Tomás:tomas Inés:ines Óscar:oscar Nicolò:nicolo Begoña:begona Íñigo:inigo",
     "García:garcia Rodríguez:rodriguez González:gonzalez Fernández:fernandez López:lopez Martínez:martinez Sánchez:sanchez Pérez:perez Gómez:gomez Jiménez:jimenez Hernández:hernandez Díaz:diaz Álvarez:alvarez Muñoz:munoz Núñez:nunez Peña:pena Ibáñez:ibanez Conceição:conceicao Gonçalves:goncalves Magalhães:magalhaes Guimarães:guimaraes Simões:simoes Araújo:araujo Simões-Pinto:simoes Ñíguez:niguez D’Amato:damato",
     "España:espana Añil:anil Montaña:montana Bahía:bahia Corazón:corazon Águila:aguila Jardín:jardin Árbol:arbol Pasión:pasion Café-Olé:cafe-ole São-Paulo:sao-paulo Açaí:acai Maranhão:maranhao Coração:coracao Ibérica:iberica Mediterráneo:mediterraneo Atlántico:atlantico Caffè:caffe Più:piu Città:citta",
     "Tecnología:tecnologia Logística:logistica Diseño:diseno Construcción:construccion Alimentación:alimentacion Soluções:solucoes Comunicação:comunicacao Educação:educacao Publicidad-Única:publicidad-unica Ingeniería:ingenieria Gestión:gestion Saúde:saude Viagens-Já:viagens-ja Società:societa Qualità:qualita",
     "", "S.L.|S.A.|Ltda|S.r.l.", " ", " ", false, false},
    {  // French.
     "François:francois Élodie:elodie Hélène:helene Jérôme:jerome Stéphane:stephane Cécile:cecile Zoé:zoe Mélanie:melanie Frédéric:frederic Aurélie:aurelie Émile:emile Loïc:loic Anaïs:anais Maëlle:maelle Rémi:remi Noël:noel Gaëlle:gaelle Sébastien:sebastien Chloé:chloe Jean-René:jean-rene",
     "Lefèvre:lefevre Guérin:guerin Béranger:beranger Gérard:gerard Hébert:hebert Léger:leger Rivière:riviere Barthélemy:barthelemy Crépin:crepin Poirée:poiree Maréchal:marechal Çelik-Roux:celik Bénard:benard Prévost:prevost Décarie:decarie L’Écuyer:lecuyer Châtelain:chatelain Forêt:foret Côté:cote Lemaître:lemaitre",
     "Étoile:etoile Forêt:foret Lumière:lumiere Château:chateau Île:ile Océan:ocean Rêve:reve Écho:echo Crème:creme Rhône:rhone Éclair:eclair Bohème:boheme Œuvre:oeuvre Été:ete Côte-d’Azur:cote-azur Élan:elan Côté-Sud:cote-sud Naïf:naif Zénith:zenith Mésange:mesange",
     "Énergie:energie Médias:medias Réseaux:reseaux Systèmes:systemes Numérique:numerique Santé:sante Ingénierie:ingenierie Immobilière:immobiliere Bâtiment:batiment Télécoms:telecoms Créations:creations Économie:economie Véhicules:vehicules Matériaux:materiaux",
     "", "SARL|SAS|SA|Ltée", " ", " ", false, false},
    {  // Polish, Czech, Croatian, Romanian, Hungarian.
     "Paweł:pawel Łukasz:lukasz Michał:michal Małgorzata:malgorzata Elżbieta:elzbieta Jiří:jiri Tomáš:tomas Lukáš:lukas Kateřina:katerina Željko:zeljko Šime:sime Ștefan:stefan Ioana-Mădălina:ioana László:laszlo Gábor:gabor Zsófia:zsofia Ödön:odon Krešimir:kresimir Žofie:zofie Święta:swieta",
     "Wiśniewski:wisniewski Wójcik:wojcik Kamiński:kaminski Zieliński:zielinski Szymański:szymanski Woźniak:wozniak Dąbrowski:dabrowski Kozłowski:kozlowski Jabłoński:jablonski Dvořák:dvorak Černý:cerny Procházka:prochazka Kučera:kucera Němec:nemec Novotný:novotny Kovačević:kovacevic Babić:babic Jurić:juric Petrović:petrovic Brânzaș:branzas Kovács:kovacs Tóth:toth Szabó:szabo Horváth:horvath Őri:ori Žižka:zizka",
     "Świt:swit Łódź:lodz Kraków:krakow Wrocław:wroclaw Żuraw:zuraw Dąb:dab Šumava:sumava Plzeň:plzen Říp:rip Žižkov:zizkov Čapek:capek Győr:gyor Őrség:orseg Iași:iasi Târnava:tarnava Živa:ziva Ćuk:cuk Gwiazda-Północy:gwiazda Źródło:zrodlo Jaskółka:jaskolka",
     "Usługi:uslugi Łączność:lacznosc Żywność:zywnosc Řešení:reseni Služby:sluzby Doprava-Čech:doprava Építő:epito Műszaki:muszaki Soluții:solutii Rješenja:rjesenja Sieć:siec Stavební-Díl:stavebni Tłumaczenia:tlumaczenia Náradí:naradi",
     "", "sp. z o.o.|s.r.o.|d.o.o.|Kft.", " ", " ", false, false},
    {  // Turkish.
     "Ayşe:ayse Hüseyin:huseyin Zeynep-Gül:zeynepgul İbrahim:ibrahim İsmail:ismail Şerife:serife Ömer:omer Özlem:ozlem Gökhan:gokhan Çağla:cagla Büşra:busra Uğur:ugur Tuğba:tugba Işıl:isil Gülşen:gulsen Ülkü:ulku",
     "Yılmaz:yilmaz Şahin:sahin Çelik:celik Yıldız:yildiz Öztürk:ozturk Aydın:aydin Özdemir:ozdemir Doğan:dogan Kılıç:kilic Çetin:cetin Şimşek:simsek Çakır:cakir Erdoğan:erdogan Güler:guler Güneş:gunes Avcı:avci Məmmədov:memmedov Əliyev:eliyev",
     "İstanbul:istanbul Boğaziçi:bogazici Güneş:gunes Yıldız:yildiz Çınar:cinar Gökyüzü:gokyuzu Şelale:selale Ege-Işık:ege-isik Uludağ:uludag Kızılay:kizilay Öncü:oncu Üstün:ustun Doğuş:dogus Çağdaş:cagdas İpek:ipek",
     "Bilişim:bilisim İnşaat:insaat Lojistik-Çözüm:lojistik Gıda:gida Eğitim:egitim Sağlık:saglik Yazılım:yazilim İletişim:iletisim Ürünleri:urunleri Taşımacılık:tasimacilik Dağıtım:dagitim",
     "", "A.Ş.|Ltd. Şti.", " ", " ", false, false},
    {  // Swedish, Danish, Norwegian, Finnish, Estonian.
     "Åsa:asa Björn:bjorn Göran:goran Söeren:soren Märta:marta Håkan:hakan Øyvind:oyvind Bjørn:bjorn Jørgen:jorgen Åse:ase Päivi:paivi Jyrki-Väinö:jyrki Väinö:vaino Tõnu:tonu Ülle:ulle Þóra:thora Guðrún:gudrun Sæmundur:saemundur",
     "Sjöberg:sjoberg Lindström:lindstrom Åkesson:akesson Björklund:bjorklund Sørensen:sorensen Nørgaard:norgaard Kjær:kjaer Østergaard:ostergaard Bjørnstad:bjornstad Mäkinen:makinen Hämäläinen:hamalainen Mäkelä:makela Järvinen:jarvinen Öberg:oberg Håland:haland Kõiv:koiv Jónsdóttir:jonsdottir Ólafsson:olafsson",
     "Göteborg:goteborg Malmö:malmo Ångström:angstrom Øresund:oresund Tromsø:tromso Åland:aland Småland:smaland Jæren:jaeren Nordlyse-Å:nordlyse-a Björk:bjork Ørn:orn Skärgård:skargard Älvsbyn:alvsbyn Århus:arhus Jyväskylä:jyvaskyla Tõrv:torv",
     "Företag:foretag Lösningar:losningar Rådgivning:radgivning Løsninger:losninger Møbler:mobler Rør:ror Yhtiöt:yhtiot Sähkö:sahko Bygg-Nära:bygg-nara Förlag:forlag Miljö:miljo Kjøkken:kjokken",
     "", "AB|A/S|Oy|AS", " ", " ", false, false},
    {  // Vietnamese.
     "Anh:anh Hương:huong Minh-Đức:minhduc Hùng:hung Tuấn:tuan Dũng:dung Thảo:thao Khánh:khanh Ngọc:ngoc Đức:duc Phượng:phuong Hải:hai Yến:yen Sơn:son Hạnh:hanh Bảo:bao",
     "Nguyễn:nguyen Trần:tran Lê:le Phạm:pham Hoàng:hoang Huỳnh:huynh Phan-Bội:phanboi Vũ:vu Võ:vo Đặng:dang Bùi:bui Đỗ:do Hồ:ho Ngô:ngo Dương:duong Lý:ly",
     "Sài-Gòn:saigon Hà-Nội:hanoi Đà-Nẵng:danang Hòa-Bình:hoabinh Ánh-Dương:anhduong Việt:viet Đông-Á:donga Sao-Vàng:saovang Phú-Quý:phuquy Thành-Công:thanhcong",
     "Công-Nghệ:congnghe Xây-Dựng:xaydung Thương-Mại:thuongmai Vận-Tải:vantai Thực-Phẩm:thucpham Truyền-Thông:truyenthong Giáo-Dục:giaoduc Dược-Phẩm:duocpham",
     "Công ty TNHH|Công ty Cổ phần", "", " ", " ", true, false},
    {  // Cyrillic.
     "Александр:aleksandr Елена:elena Сергей:sergey Ольга:olga Дмитрий:dmitriy Наталья:natalya Андрей:andrey Татьяна:tatyana Алексей:aleksey Ирина:irina Максим:maksim Анна:anna Евгений:evgeniy Светлана:svetlana Иван:ivan Мария:maria Михаил:mihail Екатерина:ekaterina Николай:nikolay Анастасия:anastasia Владимир:vladimir Юлия:yulia Артём:artem Дарья:darya Денис:denis Марина:marina Павел:pavel Ксения:ksenia Роман:roman Алина:alina Тарас:taras Оксана:oksana Ігор:ihor Юрій:yuriy Георги:georgi Даниела:daniela",
     "Иванов:ivanov Смирнов:smirnov Кузнецов:kuznetsov Попов:popov Васильев:vasilyev Петров:petrov Соколов:sokolov Михайлов:mihaylov Новиков:novikov Фёдоров:fedorov Морозов:morozov Волков:volkov Алексеев:alekseev Лебедев:lebedev Семёнов:semenov Егоров:egorov Павлов:pavlov Козлов:kozlov Степанов:stepanov Николаев:nikolaev Орлов:orlov Андреев:andreev Макаров:makarov Никитин:nikitin Захаров:zaharov Зайцев:zaytsev Соловьёв:solovyev Борисов:borisov Яковлев:yakovlev Шевченко:shevchenko Коваленко:kovalenko Бондаренко:bondarenko Ткаченко:tkachenko Кравченко:kravchenko Мельник:melnik Ахметов:ahmetov Ибрагимов:ibragimov Димитров:dimitrov Георгиев:georgiev Їжакевич:yizhakevich",
     "Вектор:vektor Альфа:alfa Север:sever Восток:vostok Заря:zarya Восход:voshod Маяк:mayak Прогресс:progress Спутник:sputnik Радуга:raduga Рассвет:rassvet Сокол:sokol Берёзка:berezka Меридиан:meridian Горизонт:gorizont Атлант:atlant Гранит:granit Кристалл:kristall Импульс:impuls Эверест:everest Байкал:baykal Урал:ural Волга:volga Днепр:dnepr Енисей:enisey Полюс:polyus Орион:orion Сфера:sfera Витязь:vityaz Алмаз:almaz Изумруд:izumrud Лидер:lider Парус:parus Звезда:zvezda Юпитер:yupiter",
     "Технологии:tehnologii Логистика:logistika Строй:stroy Сервис:servis Медиа:media Софт:soft Консалтинг:konsalting Торг:torg Энерго:energo Финанс:finans Транс:trans Инвест:invest Телеком:telekom Маркет:market Групп:grupp Дизайн:dizayn Фарм:farm Агро:agro Маш:mash Авто:avto Снаб:snab Недвижимость:nedvizhimost",
     "ООО|АО|ИП|ПАО|ТОВ|ЗАО", "", " ", " ", false, true},
    {  // Greek.
     "Γιώργος:giorgos Μαρία:maria Δημήτρης:dimitris Ελένη:eleni Κώστας:kostas Κατερίνα:katerina Γιάννης:giannis Βασιλική:vasiliki Νίκος:nikos Σοφία:sofia Παναγιώτης:panagiotis Αγγελική:angeliki Χρήστος:christos Γεωργία:georgia Θανάσης:thanasis Άννα:anna Μιχάλης:michalis Ιωάννα:ioanna Σπύρος:spyros Δήμητρα:dimitra",
     "Παπαδόπουλος:papadopoulos Βλάχος:vlachos Αγγελόπουλος:angelopoulos Νικολαΐδης:nikolaidis Γεωργίου:georgiou Πέτρου:petrou Παπαδάκης:papadakis Μακρής:makris Αντωνίου:antoniou Ιωάννου:ioannou Δημητρίου:dimitriou Οικονόμου:oikonomou Καραγιάννης:karagiannis Παππάς:pappas Αλεξίου:alexiou Κωνσταντίνου:konstantinou Σταύρου:stavrou Κυριάκου:kyriakou",
     "Αθηνά:athina Άτλας:atlas Ήλιος:ilios Αιγαίο:aigaio Όλυμπος:olympos Ερμής:ermis Απόλλων:apollon Δελφοί:delfoi Ακρόπολη:akropoli Θάλασσα:thalassa Κρήτη:kriti Ρόδος:rodos Φάρος:faros Ορίζων:orizon Κόσμος:kosmos Πήγασος:pigasos",
     "Τεχνολογία:technologia Μεταφορές:metafores Κατασκευές:kataskeves Τρόφιμα:trofima Εκδόσεις:ekdoseis Ενέργεια:energeia Ναυτιλιακή:naftiliaki Εμπορική:emporiki Υγεία:ygeia Εκπαίδευση:ekpaidefsi",
     "", "Α.Ε.|Ε.Π.Ε.|Ο.Ε.|Ι.Κ.Ε.", " ", " ", false, false},
    {  // Chinese.
     "伟:wei 芳:fang 敏:min 静:jing 丽:li 强:qiang 磊:lei 军:jun 洋:yang 勇:yong 艳:yan 杰:jie 娟:juan 涛:tao 明:ming 超:chao 秀英:xiuying 霞:xia 平:ping 刚:gang 桂英:guiying 浩然:haoran 子涵:zihan 欣怡:xinyi 宇轩:yuxuan 雨桐:yutong 建华:jianhua 志强:zhiqiang 晓明:xiaoming 婷婷:tingting 美玲:meiling 俊杰:junjie",
     "王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 黄:huang 赵:zhao 吴:wu 周:zhou 徐:xu 孙:sun 马:ma 朱:zhu 胡:hu 郭:guo 何:he 林:lin 高:gao 罗:luo 郑:zheng 梁:liang 谢:xie 宋:song 唐:tang 许:xu 邓:deng 韩:han 冯:feng 曹:cao 欧阳:ouyang 司马:sima",
     "北京华夏:huaxia 上海东方:dongfang 深圳鹏程:pengcheng 广州南方:nanfang 杭州西湖:xihu 成都天府:tianfu 南京金陵:jinling 武汉长江:changjiang 西安丝路:silu 重庆山城:shancheng 苏州园林:yuanlin 天津渤海:bohai 青岛海潮:haichao 大连远洋:yuanyang 厦门鹭岛:ludao 香港维港:weigang 台北玉山:yushan 长沙星城:xingcheng 宁波甬江:yongjiang 无锡太湖:taihu",
     "科技:keji 网络:wangluo 信息技术:xinxi 传媒:chuanmei 物流:wuliu 贸易:maoyi 电子商务:dianshang 软件:ruanjian 生物医药:yiyao 能源:nengyuan 教育:jiaoyu 文化传播:wenhua 数据:shuju 智能装备:zhineng 食品:shipin 建筑工程:jianzhu",
     "", "有限公司|股份有限公司|集团", "", "", true, false},
    {  // Japanese.
     "太郎:taro 花子:hanako 一郎:ichiro 健太:kenta 美咲:misaki 翔太:shota 陽子:yoko 大輔:daisuke さくら:sakura 蓮:ren 結衣:yui 誠:makoto 恵子:keiko 拓也:takuya 直樹:naoki 愛:ai 優子:yuko 隆:takashi 由美:yumi 涼:ryo",
     "佐藤:sato 鈴木:suzuki 高橋:takahashi 田中:tanaka 渡辺:watanabe 伊藤:ito 山本:yamamoto 中村:nakamura 小林:kobayashi 加藤:kato 吉田:yoshida 山田:yamada 佐々木:sasaki 山口:yamaguchi 松本:matsumoto 井上:inoue 木村:kimura 林:hayashi 清水:shimizu 斎藤:saito 森:mori 池田:ikeda",
     "東京:tokyo 大阪:osaka 京都:kyoto さくら:sakura みらい:mirai 富士:fuji 日の出:hinode 北海道:hokkaido 九州:kyushu 青空:aozora ひまわり:himawari 大和:yamato 銀座:ginza 桜花:oka つばさ:tsubasa オリオン:orion",
     "システム:system 商事:shoji テクノロジー:technology 物流:butsuryu 電機:denki メディア:media 食品:shokuhin 建設:kensetsu ソフト:soft 出版:shuppan デザイン:design 製薬:seiyaku",
     "株式会社|合同会社|有限会社", "", "", " ", true, false},
    {  // Korean.
     "민준:minjun 서연:seoyeon 지훈:jihoon 지우:jiwoo 현우:hyunwoo 민지:minji 성민:sungmin 소연:soyeon 동현:donghyun 유나:yuna 진우:jinwoo 하윤:hayoon 승호:seungho 은지:eunji 영호:youngho 지수:jisoo 수진:sujin 준호:junho",
     "김:kim 이:lee 박:park 최:choi 정:jung 강:kang 조:cho 윤:yoon 장:jang 임:lim 한:han 오:oh 서:seo 신:shin 권:kwon 황:hwang 안:ahn 송:song",
     "한빛:hanbit 서울:seoul 미래:mirae 한강:hangang 부산:busan 대한:daehan 새벽:saebyeok 하늘:haneul 누리:nuri 가온:gaon 다온:daon 별빛:byeolbit 푸른:pureun 한라:halla",
     "테크:tech 소프트:soft 물류:mullyu 미디어:media 전자:jeonja 산업:saneop 건설:geonseol 게임즈:games 네트웍스:networks 교육:gyoyuk 제약:jeyak",
     "주식회사|(주)|유한회사", "", " ", "", true, false},
    {  // Arabic.
     "محمد:mohammed فاطمة:fatima أحمد:ahmed عائشة:aisha علي:ali مريم:mariam عمر:omar زينب:zainab حسن:hassan خديجة:khadija حسين:hussein نورة:noura إبراهيم:ibrahim سارة:sara يوسف:youssef ليلى:layla خالد:khaled هناء:hana عبدالله:abdullah أمينة:amina طارق:tariq رانيا:rania",
     "الخطيب:alkhatib الحسن:alhassan حداد:haddad خوري:khoury النجار:alnajjar منصور:mansour الفارسي:alfarsi المنصوري:almansoori الهاشمي:alhashimi القحطاني:alqahtani الغامدي:alghamdi الحربي:alharbi درويش:darwish قاسم:qasim صباغ:sabbagh عزيز:aziz سليمان:suleiman الشامي:alshami",
     "النور:alnoor الأمل:alamal الشرق:alsharq الخليج:alkhaleej الصحراء:alsahra النخيل:alnakheel الفجر:alfajr القمر:alqamar الواحة:alwaha النجم:alnajm الرائد:alraed المستقبل:almustaqbal الأندلس:alandalus البحر:albahr",
     "للتجارة:trading للتقنية:tech للمقاولات:contracting للإعلام:media للنقل:transport للأغذية:foods للطاقة:energy للاتصالات:telecom للبرمجيات:software للاستشارات:consulting",
     "شركة|مؤسسة|مجموعة", "", " ", " ", false, false},
};
// clang-format on

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<NativeWord> SplitWords(std::string_view text) {
  std::vector<NativeWord> words;
  for (const std::string_view pair : Split(text, ' ')) {
    const std::size_t colon = pair.find(':');
    assert(colon != std::string_view::npos);
    words.push_back({pair.substr(0, colon), pair.substr(colon + 1)});
  }
  return words;
}

std::array<ScriptWords, kScriptCount> MakeScripts() {
  std::array<ScriptWords, kScriptCount> all;
  for (std::size_t i = 0; i < kScriptCount; ++i) {
    const ScriptSource& source = kScripts[i];
    all[i] = {SplitWords(source.first_names),
              SplitWords(source.last_names),
              SplitWords(source.stems),
              SplitWords(source.types),
              Split(source.prefixes, '|'),
              Split(source.suffixes, '|'),
              source.space,
              source.name_space,
              source.last_name_first,
              source.quoted};
  }
  return all;
}

}  // namespace

const ScriptWords& WordsOf(Script script) {
  static const std::array<ScriptWords, kScriptCount> all = MakeScripts();
  return all[static_cast<std::size_t>(script)];
}

}  // namespace clientele
